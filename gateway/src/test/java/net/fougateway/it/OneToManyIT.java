package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Hosts 1, 2 and 3 on one switch, each with a gateway and a subnet behind a bridge: 10.42.N.0/24 and fd00:42:N::/64, the host
 * being .1 and its client .2.
 */
class OneToManyIT {

    private static final int HOSTS = 3;

    private final List<Namespace> clients = new ArrayList<>();
    private final List<GatewayProcess> gateways = new ArrayList<>();

    @Test
    void everySubnetReachesEveryOther() throws Exception {
        Requires.program("ping", "iputils-ping");
        try (Lab lab = Lab.create()) {
            Namespace wire = lab.namespace("wire");
            wire.bridge("br0");
            for (int host = 1; host <= HOSTS; host++) {
                addHost(lab, wire, host);
            }
            for (int from = 1; from <= HOSTS; from++) {
                reachOthers(from);
            }
            for (GatewayProcess gateway : gateways) {
                Metrics metrics = gateway.assertSumsClose();
                assertThat(metrics.forwarded(Metrics.UDP_TO_TUN))
                        .as("%s", metrics)
                        .isPositive();
            }
        }
    }

    private void addHost(Lab lab, Namespace wire, int number) throws Exception {
        Namespace host = lab.namespace("host" + number);
        lab.link(wire, "port" + number, host, "eth0");
        wire.ok("ip", "link", "set", "port" + number, "master", "br0", "up");
        host.address("eth0", "10.77.0." + number + "/24");
        Namespace client = lab.namespace("client" + number);
        lab.link(host, "lan0", client, "eth0");
        host.bridge("br-lan", "lan0");
        host.address("br-lan", "10.42." + number + ".1/24", "fd00:42:" + number + "::1/64");
        host.forward();
        client.address("eth0", "10.42." + number + ".2/24", "fd00:42:" + number + "::2/64");
        client.ok("ip", "route", "add", "default", "via", "10.42." + number + ".1");
        client.ok("ip", "route", "add", "default", "via", "fd00:42:" + number + "::1");
        clients.add(client);
        gateways.add(lab.gateway(host, config(number)));
        lab.server(client, TwoHosts.SERVICE);
    }

    private static String config(int host) {
        StringBuilder config = new StringBuilder("device: {name: fou0}\nlisten: [{port: 5555}]\npeers:\n");
        for (int peer = 1; peer <= HOSTS; peer++) {
            if (peer != host) {
                config.append("""
                      - name: host%d
                        remote: 10.77.0.%d
                        allowed_ips: [10.42.%d.0/24, "fd00:42:%d::/64"]
                    """.formatted(peer, peer, peer, peer));
            }
        }
        return config.toString();
    }

    private void reachOthers(int from) throws Exception {
        Namespace client = clients.get(from - 1);
        for (int to = 1; to <= HOSTS; to++) {
            if (to != from) {
                client.ping("10.42." + to + ".2", 1444).ok();
                client.ping("fd00:42:" + to + "::2", 1424).ok();
                client.ping("10.42." + to + ".1", 56).ok();
                String address = "10.42." + to + ".2";
                client.call(() -> new TrafficClient(address, TwoHosts.SERVICE).transfer(1_000_000));
            }
        }
    }
}
