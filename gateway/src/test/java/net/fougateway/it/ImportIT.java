package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.fougateway.migration.Migration;
import org.junit.jupiter.api.Test;

/** A kernel's tunnels, of every combination at once, are imported there and given up; a gateway takes their place, and the same traffic passes. */
class ImportIT {

    private static final String ANSWERS =
            "ip -d -j address; ip -j fou show; ip -j -4 route show table all; ip -j -6 route show table all";
    private static final String UNTIL_READY = """
        for i in $(seq 40); do
            exec 3<>/dev/tcp/127.0.0.1/15555 && printf 'GET /readyz HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3 &&
                read -r _ code _ <&3 && [ "$code" = 200 ] && exit
            sleep 0.5
        done 2>/dev/null
        cat /run/kp/gateway.log
        exit 1
        """;

    private final List<KernelTunnel> tunnels = KernelTunnel.all();

    @Test
    void theSameTrafficPassesWithoutTheKernelsTunnels() throws Exception {
        try (Lab lab = Lab.create()) {
            Namespace host = lab.namespace("gw");
            KernelPeer kernel =
                    KernelPeer.start(lab, host, "tap0", "10.77.0.1/24", "10.77.0.2/24", "fd77::1/64", "fd77::2/64");
            kernel.run("ip -batch - <<'END'\n" + KernelTunnel.PORTS
                            + tunnels.stream().map(KernelTunnel::kernelLines).collect(Collectors.joining()) + "END\n")
                    .ok();
            GatewayProcess gateway = lab.gateway(host, KernelTunnel.config(tunnels));
            assertThat(answering(host)).as("with the kernel's tunnels").containsExactlyElementsOf(addresses());

            String configuration =
                    Migration.configuration(kernel.run(ANSWERS).ok().output());
            kernel.run("set -e\n" + undo(configuration)).ok();
            assertThat(answering(host)).as("with nothing").isEmpty();

            run(kernel, configuration);
            // Where packets are numbered, both ends have to begin anew.
            gateway.terminate();
            lab.gateway(host, KernelTunnel.config(tunnels));
            List<String> answering = answering(host);
            assertThat(answering)
                    .as("with the gateway: %s", Files.readString(kernel.share().resolve("gateway.log")))
                    .containsExactlyElementsOf(addresses());
        }
    }

    private List<String> addresses() {
        return tunnels.stream()
                .flatMap(tunnel -> Stream.of(tunnel.inner(true, 2), tunnel.inner(false, 2)))
                .toList();
    }

    /** All are asked at once, and have a second try. */
    private List<String> answering(Namespace host) throws IOException {
        String script = addresses().stream()
                .map(address ->
                        "{ ping -n -q -c 1 -W 5 %1$s || ping -n -q -c 1 -W 5 %1$s; } >/dev/null 2>&1 && echo %1$s &"
                                .formatted(address))
                .collect(Collectors.joining("\n", "", "\nwait"));
        List<String> answers = host.run(Duration.ofSeconds(60), "bash", "-c", script)
                .output()
                .lines()
                .toList();
        return addresses().stream().filter(answers::contains).toList();
    }

    /** The lines in the comment. */
    private static String undo(String configuration) {
        return configuration
                .lines()
                .filter(line -> line.startsWith("#   ip "))
                .map(line -> line.substring("#   ".length()))
                .collect(Collectors.joining("\n"));
    }

    private static void run(KernelPeer kernel, String configuration) throws IOException {
        Path share = kernel.share();
        Files.writeString(
                share.resolve("gateway.yaml"),
                configuration.replace("device:\n", "source_ports: {sockets: 64}\ndevice:\n"));
        int number = 0;
        StringBuilder classPath = new StringBuilder();
        for (String entry : GatewayProcess.classPath().split(":", -1)) {
            String name = "classes-" + number++ + (entry.endsWith(".jar") ? ".jar" : "");
            Command.ok("cp", "-r", entry, share.resolve(name).toString());
            classPath.append("/run/kp/").append(name).append(':');
        }
        kernel.run(
                        "ulimit -n 16384; setsid %s -Xmx128m -XX:TieredStopAtLevel=1 -cp %s net.fougateway.cli.Main run -c /run/kp/gateway.yaml >/run/kp/gateway.log 2>&1 &"
                                .formatted(Path.of(System.getProperty("java.home"), "bin", "java"), classPath))
                .ok();
        Command.Result ready = kernel.run(UNTIL_READY);
        for (int patience = 3; patience > 0 && ready.exit() != 0; patience--) {
            ready = kernel.run(UNTIL_READY);
        }
        ready.ok();
    }
}
