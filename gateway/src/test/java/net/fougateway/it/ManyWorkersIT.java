package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.fougateway.it.TwoHosts.Underlay;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Machines with many processors, and devices with fewer queues than workers are asked for. */
class ManyWorkersIT {

    private static GatewayProcess start(Lab lab, Namespace host, int processors, String config) throws Exception {
        String options = "JDK_JAVA_OPTIONS=-XX:MaxDirectMemorySize=64m -XX:ActiveProcessorCount=" + processors;
        return lab.own(GatewayProcess.start(host, List.of("env", options), config))
                .awaitReady();
    }

    @ParameterizedTest
    @CsvSource({
        "32, auto, 32",
        "2, 64, 64",
        "2, 256, 256",
        "300, auto, '256, the queues of a TUN device, and there are 300 processors'",
    })
    void startAndCarry(int processors, String workers, String said) throws Exception {
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            String config = "workers: " + workers + "\n" + TwoHosts.config(Underlay.IPV4, 1);
            GatewayProcess a = start(lab, hosts.a(), processors, config);
            GatewayProcess b = lab.gateway(hosts.b(), TwoHosts.config(Underlay.IPV4, 2));
            lab.server(hosts.b(), TwoHosts.SERVICE);
            hosts.a().ping(TwoHosts.INNER4 + 2, 56, 1400).ok();
            hosts.a().call(() -> new TrafficClient(TwoHosts.INNER4 + 2, TwoHosts.SERVICE).flows(64));
            assertThat(a.log()).contains("workers: " + said + "\n");
            a.assertSumsClose();
            b.assertSumsClose();
        }
    }

    @Test
    void deviceWithOneQueueHasOneWorkerAndNoDeafSocket() throws Exception {
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            hosts.a().ok("ip", "tuntap", "add", "fou0", "mode", "tun", "vnet_hdr");
            GatewayProcess a = lab.gateway(hosts.a(), "workers: 4\n" + TwoHosts.config(Underlay.IPV4, 1));
            lab.gateway(hosts.b(), TwoHosts.config(Underlay.IPV4, 2));
            lab.server(hosts.a(), TwoHosts.SERVICE);
            hosts.b().call(() -> new TrafficClient(TwoHosts.INNER4 + 1, TwoHosts.SERVICE).flows(64));
            assertThat(a.log()).contains("workers: 1, the queues of fou0\n");
            assertThat(hosts.a().ok("ss", "-uln", "sport = :5555").output().lines())
                    .hasSize(2);
        }
    }
}
