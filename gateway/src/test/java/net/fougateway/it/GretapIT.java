package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Ethernet in GRE, against the kernel's gretap and ip6gretap, in every format. */
class GretapIT {

    private static final String CAP = "key 42 csum";
    private static final int FIRST_HOST = 100;
    private static final int BYTES = 2_000_000;

    /** A device of the kernel, with the network {@code number} inside. */
    private record Device(int number, boolean ipv4Underlay, boolean gue, String options) {

        static List<Device> all() {
            List<Device> all = new ArrayList<>();
            for (boolean ipv4 : new boolean[] {true, false}) {
                for (boolean gue : new boolean[] {false, true}) {
                    for (String options : new String[] {"", "key 42", CAP}) {
                        all.add(new Device(all.size() + 1, ipv4, gue, options));
                    }
                }
            }
            return all;
        }

        String outer() {
            return (ipv4Underlay ? "10.77.0." : "fd77::") + (FIRST_HOST + number);
        }

        String inner(boolean ipv4, int host) {
            return (ipv4 ? "10.10.%d.%d" : "fd00:10:%d::%d").formatted(number, host);
        }

        String peer() {
            return "  - {name: k%d, remote: \"%s\", protocol: gretap, %s, gre: {%schecksum: %s}}%n"
                    .formatted(
                            number,
                            outer(),
                            gue ? "encapsulation: gue, port: 6080" : "port: 5557",
                            options.contains("key") ? "key: 42, " : "",
                            options.contains("csum"));
        }

        String kernelLines() {
            return """
                    address add %1$s/%2$s dev eth0
                    link add gt%3$d type %4$s local %1$s remote %5$s ttl 64 %6$s encap %7$s encap-sport auto encap-dport %8$d encap-csum
                    address add %9$s/24 dev gt%3$d
                    address add %10$s/64 dev gt%3$d nodad
                    link set gt%3$d up
                    """.formatted(
                            outer(),
                            ipv4Underlay ? "24" : "64 nodad",
                            number,
                            ipv4Underlay ? "gretap" : "ip6gretap encaplimit none",
                            ipv4Underlay ? "10.77.0.1" : "fd77::1",
                            options,
                            gue ? "gue" : "fou",
                            gue ? 6080 : 5555,
                            inner(true, 2),
                            inner(false, 2));
        }
    }

    @Test
    void everyFormat() throws Exception {
        List<Device> devices = Device.all();
        try (Lab lab = Lab.create()) {
            Namespace host = lab.namespace("gw");
            KernelPeer kernel =
                    KernelPeer.start(lab, host, "eth0", "10.77.0.1/24", "10.77.0.2/24", "fd77::1/64", "fd77::2/64");
            kernel.run("""
                    for d in all default; do echo 1 > /proc/sys/net/ipv4/conf/$d/arp_ignore; done
                    ip -batch - <<'END'
                    %s%sEND
                    """.formatted(
                                    KernelTunnel.PORTS,
                                    devices.stream().map(Device::kernelLines).collect(Collectors.joining())))
                    .ok();
            kernel.server(TwoHosts.SERVICE);
            GatewayProcess gateway = lab.gateway(host, config(devices));

            for (Device device : devices) {
                for (boolean ipv4 : new boolean[] {true, false}) {
                    host.ping(device.inner(ipv4, 2), 56, 1300).ok();
                    TrafficClient client = new TrafficClient(device.inner(ipv4, 2), TwoHosts.SERVICE);
                    host.call(() -> {
                        client.transfer(BYTES, BYTES);
                        return null;
                    });
                }
            }
            Metrics metrics = gateway.assertSumsClose();
            assertThat(metrics.dropped(Metrics.UDP_TO_TUN)).as("%s", metrics).isZero();
        }
    }

    private static String config(List<Device> devices) {
        return """
                device: {name: tap0, mode: tap, address: [%s]}
                listen: [{port: 5555}, {port: 6080, encapsulation: gue}]
                source_ports: {sockets: 64}
                peers:
                %s""".formatted(
                devices.stream()
                        .map(device -> "%s/24, \"%s/64\"".formatted(device.inner(true, 1), device.inner(false, 1)))
                        .collect(Collectors.joining(", ")),
                devices.stream().map(Device::peer).collect(Collectors.joining()));
    }
}
