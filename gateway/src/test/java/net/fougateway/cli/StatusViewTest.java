package net.fougateway.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Instant;
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

                        fou0: down, MTU 1472, queues 2, workers 2, source ports 2048, prefixes 2 IPv4 1 IPv6; fou-gateway 0.1.0, running for 1 min

                        PEER  REMOTE                           ENCAPSULATION  PATH MTU  RECEIVED               SENT                   LAST HEARD
                        k2    192.168.127.152 port 5555        fou            1500      1.2 M packets, 1.5 GB  900 k packets, 720 MB  28 s ago
                        k3    2001:db8::3 port 4:5555 41:5556  gue            1480      0 packets, 0 B         0 packets, 0 B         never

                        DROPPED  DIRECTION   REASON              MEANING
                        12       tun_to_udp  no_route            No peer's allowed_ips covers the destination; the sender was told by ICMP.
                        7        udp_to_tun  source_not_allowed  The inner source address is not in allowed_ips of the peer that sent it.

                        no_route: Add the prefix to a peer, or remove the host route that sends it into the device.
                        source_not_allowed: Add the prefix to allowed_ips of that peer, or set source_check: loose or off.

                        The kernel dropped 4,711 datagrams because a socket's receive buffer was full: raise net.core.rmem_max.

                        The kernel dropped 25 datagrams, of the gateway or others, because the UDP checksum was wrong: look for a middlebox, or for transmit offload at the sender (ethtool -K DEVICE tx off).

                        The kernel dropped 5 packets because the TUN queue was full: raise txqueuelen of the device or workers.

                        UDP SEND ERRORS  ERROR
                        3                ENETUNREACH
                        2                ENOMEM
                        1                EPIPE

                        OFFLOAD  STATE     WHY
                        udp_gso  inactive  the kernel says EIO

                        TOTAL       RECEIVED                            = FORWARDED                           + DROPPED
                        udp_to_tun  1,200,007 packets, 1,500,000,420 B  = 1,200,000 packets, 1,500,000,000 B  + 7 packets, 420 B
                        tun_to_udp  900,012 packets, 720,001,008 B      = 900,000 packets, 720,000,000 B      + 12 packets, 1,008 B
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
        assertThat(view(document, null, false).lines().toList().get(1))
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
                .contains("1.2 M packets, 1.5 GB (10.0 k/s, 0 B/s)");
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
        String text = new StatusView(document(Snapshots.busy(), NOW), null, false, true).render();
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
        return new StatusView(now, before, verbose, false).render();
    }
}
