package net.fougateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class KernelCommandTest {

    @TempDir
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final CommandLine kernel = new CommandLine(new KernelCommand())
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true));

    @BeforeEach
    void writeConfig() throws Exception {
        Files.writeString(config(), """
            peers:
              - {name: k2, remote: 127.0.0.2, allowed_ips: [10.42.2.0/24]}
              - {name: k3, remote: "::1", allowed_ips: [10.42.3.0/24]}
            """);
    }

    private Path config() {
        return directory.resolve("gateway.yaml");
    }

    private int run(String... arguments) {
        String[] all = Stream.concat(Stream.of("-c", config().toString()), Stream.of(arguments))
                .toArray(String[]::new);
        return kernel.execute(all);
    }

    @Test
    void printsAllPeersOrOne() {
        assertThat(run()).as(err.toString()).isZero();
        assertThat(out.toString())
                .startsWith("# Peer k2: ")
                .contains(" local 127.0.0.2 remote 127.0.0.1 ", "\n\n# Peer k3: ");
        out.getBuffer().setLength(0);
        assertThat(run("k3")).isZero();
        assertThat(out.toString()).startsWith("# Peer k3: ").doesNotContain("k2");
    }

    @Test
    void machinesThatRoutesLeadTo() throws Exception {
        Files.writeString(config(), """
            routes: {from_kernel: main}
            peers:
              - {name: k2, remote: 127.0.0.2, allowed_ips: [10.42.2.0/24]}
              - {name: fleet, type: next_hop, remote: ["2001:db8::/32", 127.0.1.0/24]}
              - {name: fleet6, type: next_hop, remote: ["fd00::/8"]}
            """);
        assertThat(run("fleet")).isZero();
        assertThat(out.toString())
                .startsWith("# Peer fleet: on the kernel at MACHINE_ADDRESS")
                .contains(" in 127.0.1.0/24;", " local MACHINE_ADDRESS ttl ")
                .doesNotContain("k2");
        out.getBuffer().setLength(0);
        assertThat(run()).isZero();
        assertThat(out.toString()).contains("# Peer k2: ", "# Peer fleet: ").doesNotContain("fleet6");
        assertThat(run("fleet6")).isEqualTo(2);
        assertThat(err.toString()).contains("over IPv6, where a kernel's tunnel has one other end only");
    }

    @Test
    void formatIsChosen() {
        assertThat(run("--format", "networkd", "k2")).isZero();
        assertThat(out.toString()).contains("[FooOverUDP]");
    }

    @Test
    void wrongUsageSaysWhatThereIs() {
        assertThat(run("k4")).isEqualTo(2);
        assertThat(err.toString()).contains("no peer k4; there are: k2, k3");
        assertThat(run("--format", "ifupdown")).isEqualTo(2);
        assertThat(err.toString()).contains("ip", "networkd");
    }
}
