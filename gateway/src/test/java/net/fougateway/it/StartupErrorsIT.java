package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramSocket;
import java.util.ArrayList;
import java.util.List;
import net.fougateway.it.TwoHosts.Underlay;
import org.junit.jupiter.api.Test;

/** What keeps a gateway from starting is told in words that name the thing, a different message for each. */
class StartupErrorsIT {

    private static final List<String> NO_WRAPPER = List.of();
    private static final String CONFIG = TwoHosts.config(Underlay.IPV4, 1);

    @Test
    void fiveMistakesGiveFiveMessagesAtOnce() throws Exception {
        String config = """
            device: {name: fou0, mtuu: 1400}
            listen:
              - {port: 70000}
            peers:
              - name: k1
                remote: 10.77.0.2
                ttl: 300
                allowed_ips: [10.42.2.0/24]
              - name: k2
                allowed_ips: [10.42.2.0/24]
            """;
        try (Lab lab = Lab.create()) {
            Namespace host = lab.namespace("a");
            for (String verb : List.of("check", "run")) {
                Command.Result result = GatewayProcess.attempt(host, config, NO_WRAPPER, verb);
                assertThat(result.exit()).as("%s", result).isEqualTo(78);
                assertNames(result, 1, "mtuu");
                assertNames(result, 3, "listen[0].port");
                assertNames(result, 7, "peers[0].ttl");
                assertNames(result, 9, "remote");
                assertNames(result, 10, "peers[1].allowed_ips[0]");
            }
        }
    }

    @Test
    void whatTheMachineRefusesGivesOneMessageEach() throws Exception {
        Requires.program("setpriv", "util-linux");
        try (Lab lab = Lab.create()) {
            Namespace host = TwoHosts.build(lab).a();
            List<Command.Result> results = new ArrayList<>();
            results.add(attempt(host, "/dev/net/tun", inMountNamespace("true", "exec \"$@\"")));
            results.add(attempt(host, "/dev/net/tun", inMountNamespace("mknod -m 000 /dev/net/tun c 10 200", """
                exec setpriv --bounding-set -dac_override,-dac_read_search "$@\"""")));
            results.add(attempt(host, "NET_ADMIN", List.of("setpriv", "--bounding-set", "-net_admin")));
            host.ok("ip", "tuntap", "add", "dev", "fou0", "mode", "tun", "user", "12345");
            results.add(attempt(host, "fou0", List.of("setpriv", "--bounding-set", "-net_admin")));
            host.ok("ip", "link", "del", "fou0");
            results.add(attemptWithPortTaken(host));
            assertThat(results.stream().map(StartupErrorsIT::message)).doesNotHaveDuplicates();
        }
    }

    /** What the system refuses names the limit, the right, the sysctl or the key that it takes. */
    @Test
    void whatASystemCallRefusesSaysWhatToDo() throws Exception {
        Requires.program("setpriv", "util-linux");
        Requires.program("prlimit", "util-linux");
        try (Lab lab = Lab.create()) {
            Namespace host = TwoHosts.build(lab).a();
            List<String> unprivileged = List.of("setpriv", "--bounding-set", "-net_bind_service");
            refuses(
                    host,
                    CONFIG.replace("5555", "443"),
                    unprivileged,
                    "port 443",
                    "NET_BIND_SERVICE",
                    "ip_unprivileged_port_start");
            refuses(
                    host,
                    CONFIG.replace("fou0,", "fou0, queues: 1,") + "admin: {listen: \"127.0.0.1:80\"}\n",
                    unprivileged,
                    "127.0.0.1:80",
                    "NET_BIND_SERVICE");
            refuses(host, CONFIG.replace("0.0.0.0", "10.77.0.99"), NO_WRAPPER, "10.77.0.99", "ip address", "local");
            refuses(
                    host,
                    CONFIG.replace("ttl: 64", "local: 10.77.0.99"),
                    NO_WRAPPER,
                    "10.77.0.99",
                    "ip address",
                    "local");
            refuses(
                    host,
                    CONFIG + "admin: {listen: \"[fd77::99]:15555\"}\n",
                    NO_WRAPPER,
                    "[fd77::99]:15555",
                    "ip address");
            refuses(
                    host,
                    CONFIG,
                    List.of("prlimit", "--nofile=300:300"),
                    "Too many open files",
                    "LimitNOFILE",
                    "source_ports.sockets");
            refuses(
                    host,
                    CONFIG.replace("\"10.77.0.2\"", "10.77.0.1"),
                    NO_WRAPPER,
                    "10.77.0.1",
                    "address of this host");
            refuses(host, CONFIG.replace("\"10.77.0.2\"", "10.77.0.255"), NO_WRAPPER, "10.77.0.255", "broadcast");
            Command.Result check =
                    GatewayProcess.attempt(host, CONFIG.replace("\"10.77.0.2\"", "\"10.77.0.1\""), NO_WRAPPER, "check");
            assertThat(check.exit()).as("%s", check).isEqualTo(1);
        }
    }

    private static void refuses(Namespace host, String config, List<String> wrapper, String... words)
            throws IOException {
        Command.Result result = GatewayProcess.attempt(host, config, wrapper, "run");
        assertThat(result.exit()).as("%s", result).isEqualTo(1);
        assertThat(result.output()).contains(words).doesNotContain("\tat ");
        assertThat(host.ok("ip", "link").output()).doesNotContain("fou0");
    }

    private static Command.Result attemptWithPortTaken(Namespace host) throws Exception {
        try (DatagramSocket taken = host.call(() -> new DatagramSocket(5555))) {
            return attempt(host, Integer.toString(taken.getLocalPort()), NO_WRAPPER);
        }
    }

    private static Command.Result attempt(Namespace host, String names, List<String> wrapper) throws IOException {
        Command.Result result = GatewayProcess.attempt(host, CONFIG, wrapper, "run");
        assertThat(result.exit()).as("%s", result).isEqualTo(1);
        assertThat(result.output()).contains(names).doesNotContain("\tat ");
        return result;
    }

    /** A wrapper that runs the gateway with an empty {@code /dev/net} of its own, after {@code setUp}. */
    private static List<String> inMountNamespace(String setUp, String run) {
        return List.of(
                "unshare", "-m", "sh", "-c", "mount -t tmpfs none /dev/net && " + setUp + " && " + run, "gateway");
    }

    /** Its words, without what differs from run to run. */
    private static String message(Command.Result result) {
        return result.output().replaceAll("[0-9]", "");
    }

    /** One line of the output names both the line of the file and the thing. */
    private static void assertNames(Command.Result result, int line, String thing) {
        assertThat(result.output().lines())
                .as("%s", result)
                .anyMatch(text -> text.contains(thing) && text.matches(".*\\b" + line + "\\b.*"));
    }
}
