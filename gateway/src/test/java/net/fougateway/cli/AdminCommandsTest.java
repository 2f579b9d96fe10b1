package net.fougateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import net.fougateway.admin.TestAdmin;
import net.fougateway.capture.Captures;
import net.fougateway.metrics.Snapshot;
import net.fougateway.metrics.Snapshots;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** {@link StatusCommand} and {@link HealthcheckCommand} against a live admin port. */
class AdminCommandsTest {

    @Test
    void statusShowsTheProblemFirst() throws IOException {
        Result result = against(Snapshots::busy, new StatusCommand());
        assertThat(result.exit()).isZero();
        assertThat(result.err()).isEmpty();
        assertThat(result.out()).startsWith("NOT READY: fou0 is down").contains("FINDING: The peer \"k3\"", "no_route");
    }

    @Test
    void statusJsonIsTheDocumentOnOneLine() throws IOException {
        Result result = against(Snapshots::busy, new StatusCommand(), "--json");
        assertThat(result.exit()).isZero();
        assertThat(result.out()).startsWith("{\"version\":\"0.1.0\"").hasLineCount(1);
    }

    @Test
    void watchRepeatsWithRatesUntilTheGatewayFails() throws IOException {
        AtomicInteger asked = new AtomicInteger();
        Supplier<Snapshot> failingAtThird = () -> {
            if (asked.incrementAndGet() > 2) {
                throw new IllegalStateException("for the test");
            }
            return Snapshots.busy();
        };
        Result result = against(failingAtThird, new StatusCommand(), "--watch=1");
        assertThat(result.exit()).isEqualTo(1);
        assertThat(result.out()).containsOnlyOnce("1.5 GB 0 B/s");
        assertThat(result.err()).contains("answered 500 to /status");
    }

    @Test
    void textOfAnyScriptArrivesUnchanged() throws IOException {
        assertThat(against(() -> Snapshots.busy("Zürich 東京 🚀 \"\\"), new StatusCommand())
                        .out())
                .contains("FINDING: Zürich 東京 🚀 \"\\");
    }

    @Test
    void redactedStatusHasNamesInsteadOfAddresses() throws IOException {
        for (String form : new String[] {"--redact", "--json"}) {
            String out = against(
                            Snapshots::busy,
                            new StatusCommand(),
                            "--redact",
                            form.equals("--redact") ? "--verbose" : form)
                    .out();
            assertThat(out).contains("ipv4-1", "ipv6-", "k2").doesNotContain("192.168.127.152", "2001:db8::3");
        }
    }

    @Test
    void routesAreListedLongestFirst() throws IOException {
        Result result = against(Snapshots::busy, new RoutesCommand());
        assertThat(result.exit()).isZero();
        assertThat(result.out().lines().map(line -> line.replaceFirst(" +(AGE|[0-9]+ d [0-9]+ h)$", "")))
                .containsExactly(
                        "PREFIX        PEER  REMOTE                     FROM",
                        "10.42.2.0/24  k2    192.168.127.152 port 5555  bird via 192.168.127.152",
                        "fd00:42::/64  k2    192.168.127.152 port 5555  bird via 192.168.127.152");
    }

    @Test
    void macsAreListedWithTheirPeers() throws Exception {
        assertThat(against(Snapshots::busy, new MacsCommand()).out())
                .contains("02:00:00:00:00:01        (fou0)  2 s")
                .contains("02:00:00:00:00:02  7     k2      61 s")
                .contains("02:00:00:00:00:03        k2      static");
    }

    @Test
    void routesTellWhoTakesAnAddress() throws IOException {
        assertThat(against(Snapshots::busy, new RoutesCommand(), "10.42.2.7"))
                .isEqualTo(new Result(
                        0,
                        "10.42.2.7: peer k2 (192.168.127.152 port 5555) by 10.42.2.0/24 from bird via 192.168.127.152\n",
                        ""));
        Result nobody = against(Snapshots::busy, new RoutesCommand(), "fd00:99::1");
        assertThat(nobody.exit()).isEqualTo(1);
        assertThat(nobody.out()).contains("neither allowed_ips nor a route");
        assertThat(run(new RoutesCommand(), "10.42.2.0/24").exit()).isEqualTo(2);
    }

    @Test
    void noGatewayIsOneSentence() throws IOException {
        String free = "127.0.0.1:" + freePort();
        String sentence = "no gateway answers at " + free + ": is it running? (admin.listen)";
        assertThat(run(new StatusCommand(), "--admin", free)).isEqualTo(new Result(1, "", sentence + "\n"));
        assertThat(run(new HealthcheckCommand(), "--admin", free)).isEqualTo(new Result(1, "", sentence + "\n"));
    }

    @Test
    void wrongUsageExitsWithTwo() {
        assertThat(run(new StatusCommand(), "--admin", "localhost").exit()).isEqualTo(2);
        assertThat(run(new StatusCommand(), "--admin", "localhost").err()).contains("'localhost' is not HOST:PORT");
        assertThat(run(new StatusCommand(), "--watch=0").exit()).isEqualTo(2);
        assertThat(run(new StatusCommand(), "--nonsense").exit()).isEqualTo(2);
    }

    @Test
    void healthcheckIsOneSentenceAndAnExitCode() throws IOException {
        assertThat(against(Snapshots::idle, new HealthcheckCommand())).isEqualTo(new Result(0, "ready\n", ""));
        assertThat(against(Snapshots::busy, new HealthcheckCommand()))
                .isEqualTo(new Result(1, "not ready: device_up: fou0 is down: ip link set fou0 up.\n", ""));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static Result against(Supplier<Snapshot> snapshots, Object command, String... args) throws IOException {
        try (TestAdmin server = new TestAdmin(snapshots, new Captures())) {
            String[] all = new String[args.length + 1];
            System.arraycopy(args, 0, all, 0, args.length);
            all[args.length] = "--admin=127.0.0.1:" + server.address().getPort();
            return run(command, all);
        }
    }

    private static Result run(Object command, String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exit = new CommandLine(command)
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(args);
        return new Result(exit, out.toString(), err.toString());
    }

    private record Result(int exit, String out, String err) {}
}
