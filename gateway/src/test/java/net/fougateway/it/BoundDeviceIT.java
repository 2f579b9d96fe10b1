package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Two hosts with two wires between them; the gateways keep to the one that is named. */
final class BoundDeviceIT {

    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String CONFIG = """
        device: {address: [10.10.10.%d/24, "fd00:10::%d/64"]}
        listen: [{device: eth1}]
        peers:
          - {name: other, remote: "fe80::%d%%eth1", local: "fe80::%d", allowed_ips: [10.10.10.%d/32, "fd00:10::%d/128"]}
        """;

    private static String config(int own, int other) {
        return CONFIG.formatted(own, own, other, own, other, other);
    }

    private static void wire(Lab lab, Namespace a, Namespace b, String device) throws Exception {
        lab.link(a, device, b, device);
        a.address(device, "fe80::1/64");
        b.address(device, "fe80::2/64");
    }

    private static void awaitPings(Namespace from) {
        for (String target : new String[] {"10.10.10.2", "fd00:10::2"}) {
            await(target)
                    .atMost(LIMIT)
                    .until(() -> from.run(LIMIT, "ping", "-n", "-c", "1", "-W", "1", target)
                                    .exit()
                            == 0);
        }
    }

    @Test
    void linkLocalPeersAreReachedByTheInterfaceNamedAlsoWhenItIsMadeAnew() throws Exception {
        try (Lab lab = Lab.create()) {
            Namespace a = lab.namespace("a");
            Namespace b = lab.namespace("b");
            wire(lab, a, b, "eth0");
            wire(lab, a, b, "eth1");
            GatewayProcess one = lab.gateway(a, config(1, 2));
            lab.gateway(b, config(2, 1));
            awaitPings(a);
            assertThat(a.ok("ss", "-ulnH", "sport", "=", ":5555").output()).contains("%eth1");

            a.ok("ip", "link", "del", "eth1");
            wire(lab, a, b, "eth1");

            awaitPings(a);
            assertThat(one.log()).contains("eth1 was made anew");
        }
    }

    @Test
    void anInterfaceThatIsNotThereIsNamed() throws Exception {
        try (Lab lab = Lab.create()) {
            Namespace a = TwoHosts.build(lab).a();
            String config = "peers: [{name: b, remote: 10.77.0.2, device: eth9, allowed_ips: [10.9.0.0/16]}]\n";
            assertThat(GatewayProcess.attempt(a, config, List.of(), "run").output())
                    .contains("eth9", "No such device");
        }
    }
}
