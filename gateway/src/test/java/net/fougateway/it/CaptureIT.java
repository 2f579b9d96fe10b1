package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import net.fougateway.codec.DropReason;
import net.fougateway.it.TwoHosts.Underlay;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code fou-gateway capture} of a gateway with traffic, read by the programs that people read captures with. */
class CaptureIT {

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int PACKETS = 5;

    @TempDir
    private Path directory;

    /** A packet from a wrong source, over either underlay: what the first look into a problem needs. */
    @ParameterizedTest
    @EnumSource
    void dropsHaveTheReasonAsComment(Underlay underlay) throws Exception {
        requirements();
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            lab.gateway(hosts.a(), TwoHosts.config(underlay, 1));
            lab.gateway(hosts.b(), TwoHosts.config(underlay, 2));
            hosts.b().address("fou0", "10.66.0.1/32", "fd66::1/128");
            Path file = directory.resolve("drops.pcapng");
            Process capture = start(hosts.a(), file, "--drops", "--count", Integer.toString(2 * PACKETS));
            pingFromWrongSource(hosts.b(), "10.66.0.1", TwoHosts.INNER4 + 1);
            pingFromWrongSource(hosts.b(), "fd66::1", TwoHosts.INNER6 + 1);
            assertThat(Command.waitFor(capture, LIMIT)).as("captured").isTrue();

            List<String> lines = tshark(file, "-T", "fields", "-e", "frame.interface_name", "-e", "frame.comment");
            assertThat(lines)
                    .hasSize(2 * PACKETS)
                    .allSatisfy(line -> assertThat(line)
                            .startsWith("udp\tdropped: source_not_allowed: ")
                            .endsWith(DropReason.SOURCE_NOT_ALLOWED.remedy()));
            assertThat(tshark(file, "-d", "udp.port==5555,ip", "-Y", "ip.src==10.66.0.1 && icmp"))
                    .hasSize(PACKETS);
            assertThat(Command.ok("tcpdump", "-n", "-r", file.toString()).output())
                    .contains(underlay.address(2) + ".", "> " + anyAddress(underlay) + ".5555: UDP");
        }
    }

    @Test
    void everyPacketIsSeenAtTheBorderWhereItCame() throws Exception {
        requirements();
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            lab.gateway(hosts.a(), TwoHosts.config(Underlay.IPV4, 1));
            lab.gateway(hosts.b(), TwoHosts.config(Underlay.IPV4, 2));
            Path file = directory.resolve("all.pcapng");
            Process capture = start(hosts.a(), file, "--snaplen", "64");
            hosts.a().ping(TwoHosts.INNER4 + 2, 500, 500, 500).ok();
            await().atMost(LIMIT)
                    .ignoreExceptions()
                    .until(() -> echoReplies(file).size() == 3);
            capture.destroy();
            assertThat(Command.waitFor(capture, LIMIT)).as("ended").isTrue();
            assertThat(Files.readString(log())).contains(" packets written, 0 missed");

            List<String> out = tshark(file, "-Y", "icmp.type==8", "-T", "fields", "-e", "frame.interface_name");
            assertThat(out).hasSize(3).containsOnly("tun");
            List<String> in = echoReplies(file);
            assertThat(in).hasSize(3).containsOnly("udp");
            assertThat(tshark(file, "-Y", "frame.cap_len > 80")).isEmpty();
        }
    }

    @Test
    void packetsAreNotForEverybodyOnTheHost() throws Exception {
        requirements();
        Requires.program("setpriv", "util-linux");
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            lab.gateway(hosts.a(), TwoHosts.config(Underlay.IPV4, 1));
            String[] curl = {
                "setpriv",
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups",
                "curl",
                "-s",
                "-H",
                "Fou-Gateway-Client: 1",
                "http://127.0.0.1:15555/capture"
            };
            assertThat(hosts.a().ok(curl).output())
                    .contains("packets are shown only to root and to uid 0", "sudo, docker exec, kubectl exec");
        }
    }

    private static void requirements() throws Exception {
        Requires.program("tshark", "tshark");
        Requires.program("tcpdump", "tcpdump");
        Requires.program("curl", "curl");
    }

    private static String anyAddress(Underlay underlay) {
        return underlay == Underlay.IPV4 ? "0.0.0.0" : "::";
    }

    private static List<String> echoReplies(Path file) throws Exception {
        return tshark(
                file, "-d", "udp.port==5555,ip", "-Y", "icmp.type==0", "-T", "fields", "-e", "frame.interface_name");
    }

    /** Starts a capture and waits until it runs. */
    private Process start(Namespace host, Path file, String... options) throws Exception {
        List<String> command = new ArrayList<>(GatewayProcess.command("capture", "--write", file.toString()));
        command.addAll(List.of(options));
        Process process = Command.start(host.wrap(command), log().toFile());
        await().atMost(LIMIT).until(() -> Files.exists(file) && Files.size(file) > 0);
        return process;
    }

    private Path log() {
        return directory.resolve("log");
    }

    private static void pingFromWrongSource(Namespace host, String source, String target) throws Exception {
        host.run(LIMIT, "ping", "-n", "-c", Integer.toString(PACKETS), "-i", "0.1", "-W", "1", "-I", source, target);
    }

    private static List<String> tshark(Path file, String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of("tshark", "-n", "-r", file.toString()));
        command.addAll(List.of(options));
        return Command.run(LIMIT, command)
                .ok()
                .output()
                .lines()
                .filter(line -> !line.startsWith("Running as user"))
                .toList();
    }
}
