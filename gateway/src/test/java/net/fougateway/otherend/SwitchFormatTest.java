package net.fougateway.otherend;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.fougateway.codec.Encapsulation;
import net.fougateway.codec.EthernetFrame;
import net.fougateway.codec.Gre;
import net.fougateway.codec.Gue;
import net.fougateway.codec.Vxlan;
import net.fougateway.config.ConfigException;
import net.fougateway.config.ConfigLoader;
import net.fougateway.route.PeerFrames;
import net.fougateway.route.Peers;
import org.junit.jupiter.api.Test;

class SwitchFormatTest {

    private static List<String> print(String listen, String remote, String gateway, Encapsulation encapsulation)
            throws ConfigException {
        String yaml = "device: {mode: tap}\nlisten: [%s]\n".formatted(listen);
        PeerFrames frames = new PeerFrames(List.of(), true, EthernetFrame.BASE_BYTES);
        return SwitchFormat.print(
                        ConfigLoader.load("gateway.yaml", yaml, Map.of(), Map.of()),
                        Peers.ofFrames(0, remote, encapsulation, frames),
                        Optional.of(Peers.address(gateway)))
                .lines()
                .skip(1)
                .toList();
    }

    @Test
    void vxlanDeviceKnowsWhereToFlood() throws Exception {
        assertThat(print("{port: 5555, encapsulation: vxlan}", "192.0.2.2", "192.0.2.1", new Vxlan(42)))
                .containsExactly(
                        "modprobe -a vxlan",
                        "ip link add vxlan42 type vxlan id 42 local 192.0.2.2 dstport 5555 udp6zerocsumrx",
                        "bridge fdb append 00:00:00:00:00:00 dev vxlan42 dst 192.0.2.1",
                        "ip link set vxlan42 mtu 1450 master BRIDGE up");
        assertThat(print("{port: 4789, encapsulation: vxlan}", "192.0.2.2", "192.0.2.1", new Vxlan(42)))
                .contains("bridge fdb append 00:00:00:00:00:00 dev vxlan42 dst 192.0.2.1 port 4789");
        assertThat(print("{port: 5555}", "192.0.2.2", "192.0.2.1", new Vxlan(42)))
                .contains("# No entry of listen takes what the kernel sends: add {port: 4789, encapsulation: vxlan} to"
                        + " listen.");
    }

    @Test
    void gretapDeviceHasTheOptions() throws Exception {
        Gre gre = new Gre(true, 7, true, false);
        assertThat(print("{port: 6080, encapsulation: gue}", "2001:db8::2", "2001:db8::1", new Gue(false, gre)))
                .containsExactly(
                        "modprobe -a fou fou6 ip6_gre",
                        "ip fou add -6 port 5555 gue",
                        "ip link add fou-gretap type ip6gretap local 2001:db8::2 remote 2001:db8::1 encaplimit none"
                                + " key 7 csum encap gue encap-sport auto encap-dport 6080 encap-csum",
                        "ip link set fou-gretap mtu 1422 master BRIDGE up");
    }
}
