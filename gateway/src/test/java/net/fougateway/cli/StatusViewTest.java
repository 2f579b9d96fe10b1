package net.fougateway.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import net.fougateway.admin.StatusJson;
import net.fougateway.metrics.Snapshot;
import net.fougateway.metrics.Snapshots;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatusViewTest {

    private static final Instant NOW = Snapshots.STARTED_AT.plusSeconds(90);

    @Test
    void showsEverythingThatMatters() throws IOException {
        assertThat(view(document(Snapshots.busy(), NOW), null, false)).isEqualTo("""
                        NOT READY: fou0 is down: ip link set fou0 up.
                        FINDING: The peer "k3" was never heard: allow UDP port 5555 from it.

                        fou0: down, MTU 1472; fou-gateway 0.1.0, running for 1 min
                        prefixes 2 IPv4 1 IPv6, queues 2, workers 2, source ports 2048

                        PEER  REMOTE           RECEIVED  SENT    LAST HEARD
                        k2    192.168.127.152  1.5 GB    720 MB  28 s ago
                        k3    2001:db8::3      0 B       0 B     never

                        CARRIED BY EBPF  OF RECEIVED  OF SENT
                        k2               83.3 %       88.9 %
                        k3               -            -

                        LEFT TO USER SPACE  DIRECTION   WHY
                        7                   udp_to_tun  ecn

                        DROPPED  REASON              DIRECTION
                        12       no_route            to peers (tun_to_udp)
                        7        source_not_allowed  from peers (udp_to_tun)

                        no_route: No peer's allowed_ips covers the destination; the sender was told by
                        ICMP, unless routes of the host are followed. Add the prefix to a peer, or
                        remove the host route that sends it into the device.

                        source_not_allowed: The inner source address is not in allowed_ips of the peer
                        that sent it. Add the prefix to allowed_ips of that peer, or set source_check:
                        loose or off. Last from 192.0.2.77, 30 s ago.

                        The kernel dropped 4,711 datagrams because a socket's receive buffer was full:
                        raise net.core.rmem_max.

                        The kernel dropped 25 datagrams, of the gateway or others, because the UDP
                        checksum was wrong: look for a middlebox, or for transmit offload at the sender
                        (ethtool -K DEVICE tx off).

                        The kernel dropped 5 packets because the TUN queue was full: raise txqueuelen of
                        the device or workers.

                        UDP SEND ERRORS  ERROR
                        3                ENETUNREACH
                        2                ENOMEM
                        1                EPIPE

                        OFFLOAD  STATE     WHY
                        udp_gso  inactive  the kernel says EIO

                        TOTAL                RECEIVED       = FORWARDED      + DROPPED
                        from peers  packets  1,200,007      = 1,200,000      + 7
                                    bytes    1,500,000,420  = 1,500,000,000  + 420
                        to peers    packets  900,012        = 900,000        + 12
                                    bytes    720,001,008    = 720,000,000    + 1,008
                        """);
    }

    @Test
    void quietGatewayShowsNoDropsErrorsOrOffloads() throws IOException {
        assertThat(view(document(Snapshots.idle(), NOW), null, false))
                .startsWith("fou0: up, MTU 1472")
                .doesNotContain("DROPPED  DIRECTION", "OFFLOAD", "ERROR", "The kernel dropped", "configuration change");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "true  | ['peers[lyon]: added'] | succeeded, peers[lyon]: added (2 taken over, 1 refused)",
                "true  | []                     | succeeded (2 taken over, 1 refused)",
                "true  | [a, b, c, d, e]        | succeeded, a; b; c; and 2 more (2 taken over, 1 refused)",
                "false | ['line 3: unknown key']| refused (2 taken over, 1 refused)"
            })
    void lastConfigurationChangeIsOneLineAfterTheDevice(boolean successful, String last, String shown)
            throws IOException {
        StatusDocument document = StatusDocument.parse(
                "{device: {name: fou0}, reloads: {succeeded: 2, failed: 1, lastSuccessful: %s, last: %s}}"
                        .formatted(successful, last));
        assertThat(view(document, null, false).lines().toList().get(2))
                .isEqualTo("last configuration change: " + shown);
    }

    @Test
    void verboseShowsActiveOffloads() throws IOException {
        assertThat(view(document(Snapshots.idle(), NOW), null, true)).contains("udp_gro  active  probed");
    }

    @Test
    void ratesAreDifferencesOverTime() throws IOException {
        StatusDocument before = StatusDocument.parse(
                StatusJson.write(Snapshots.busy(), NOW).replace("\"packets\":1200000,", "\"packets\":1100000,"));
        assertThat(view(document(Snapshots.busy(), NOW.plusSeconds(10)), before, false))
                .contains("k2    192.168.127.152  1.5 GB 0 B/s  720 MB 0 B/s  38 s ago");
        assertThat(new PeerView(document(Snapshots.busy(), NOW.plusSeconds(10)), Optional.of(before))
                        .details("k2")
                        .orElseThrow())
                .contains("received       1,200,000 packets, 10.0 k/s; 1,500,000,000 B, 0 B/s");
    }

    @Test
    void oneLineFitsAnOldTerminal() throws IOException {
        assertThat(view(document(Snapshots.busy(), NOW), null, true)
                        .lines()
                        .filter(line -> !line.startsWith("FINDING")))
                .allMatch(line -> line.length() <= 80);
    }

    @Test
    void aSmallTerminalGetsWhatIsWrongFirst() throws IOException {
        StatusDocument document = StatusDocument.parse("""
                        {device: {name: fou0}, findings: [a, b, c, d, "%s"], peers: [{name: good, sent: {packets: 1},
                         lastReceive: "2026-11-22T10:00:00Z"}, {name: idle, sent: {packets: 0}}, {name: p3},
                         {name: mute, sent: {packets: 9}}]}
                        """.formatted("long ".repeat(20)));
        List<String> lines = new StatusView(document, null, false, false, new Terminal(12, 40))
                .render()
                .lines()
                .toList();

        assertThat(lines).hasSize(11).contains("… and 1 more finding").allMatch(line -> line.length() <= 40);
        assertThat(lines.get(10)).startsWith("mute");
    }

    @Test
    void aPeerIsToldInFull() throws IOException {
        StatusDocument document = StatusDocument.parse("""
                        {findings: [peer b answers nothing, device fou0 is down], now: "2026-11-22T10:00:09Z",
                         peers: [{name: b, remote: 192.0.2.2, port: "5555", encapsulation: fou, pathMtuBytes: 1500,
                         received: {packets: 1, bytes: 84}, sent: {packets: 2, bytes: 168},
                         lastReceive: "2026-11-22T10:00:00Z", allowedIps: [10.1.0.0/16, 10.2.0.0/16]}]}
                        """);

        assertThat(new PeerView(document, Optional.empty()).details("b").orElseThrow())
                .containsExactly(
                        "FINDING: peer b answers nothing",
                        "peer           b",
                        "remote         192.0.2.2 port 5555",
                        "encapsulation  fou",
                        "path MTU       1500 bytes",
                        "received       1 packet; 84 B",
                        "sent           2 packets; 168 B",
                        "last heard     9 s ago",
                        "prefixes       10.1.0.0/16",
                        "               10.2.0.0/16");
        assertThat(new PeerView(document, Optional.empty()).details("c")).isEmpty();
    }

    @Test
    void noRatesAcrossARestart() throws IOException {
        StatusDocument before = StatusDocument.parse(
                StatusJson.write(Snapshots.busy(), NOW).replace("2026-11-22T10:00:00Z", "2026-11-22T09:00:00Z"));
        assertThat(view(document(Snapshots.busy(), NOW.plusSeconds(10)), before, false))
                .doesNotContain("/s");
    }

    @Test
    void colourMarksProblems() throws IOException {
        String text = new StatusView(document(Snapshots.busy(), NOW), null, false, true, Terminal.NONE).render();
        assertThat(text).startsWith("\u001b[31mNOT READY: fou0 is down: ip link set fou0 up.\u001b[0m");
    }

    @Test
    void documentOfAnotherVersionIsShownAsFarAsItGoes() throws IOException {
        assertThat(view(StatusDocument.parse("{\"version\":\"9\",\"new\":[1]}"), null, true))
                .contains("fou-gateway 9");
    }

    @Test
    void otherTextIsRefused() {
        assertThatThrownBy(() -> StatusDocument.parse("{\"a\":")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> StatusDocument.parse("<html>")).isInstanceOf(IOException.class);
    }

    private static StatusDocument document(Snapshot snapshot, Instant now) throws IOException {
        return StatusDocument.parse(StatusJson.write(snapshot, now));
    }

    private static String view(StatusDocument now, StatusDocument before, boolean verbose) {
        return new StatusView(now, before, verbose, false, Terminal.NONE).render();
    }
}
