package net.fougateway.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.fougateway.codec.EthernetFrame;
import net.fougateway.codec.Format;
import net.fougateway.codec.InnerProtocol;
import net.fougateway.config.ConfigRules.At;
import net.fougateway.config.GatewayConfig.Listen;
import net.fougateway.config.GatewayConfig.Peer;
import net.fougateway.config.GatewayConfig.PeerType;
import net.fougateway.config.GatewayConfig.Protocol;
import net.fougateway.ethernet.MacAddress;

/** What {@code device.mode: tap} needs, and what only it has a use for. */
final class EthernetRules {

    private final GatewayConfig config;
    private final Problems problems;

    EthernetRules(GatewayConfig config, Problems problems) {
        this.config = config;
        this.problems = problems;
    }

    /** Adds what is wrong. */
    void check(List<At<Listen>> listens, List<At<Peer>> peers) {
        listens.forEach(this::vxlanPortCarriesFrames);
        peers.forEach(this::vxlanHasItsOptions);
        if (config.isEthernet()) {
            deviceIsAPort();
            peers.forEach(this::carriesFrames);
            networksAgree(peers);
            macsBelongToOnePeer(peers);
        } else {
            noFrames(peers);
        }
    }

    private void vxlanPortCarriesFrames(At<Listen> listen) {
        if (listen.value().encapsulation() != Format.VXLAN) {
            return;
        }
        if (!config.isEthernet()) {
            problems.add(listen.path() + ".encapsulation", "vxlan carries Ethernet frames: set device.mode: tap");
        }
        if (listen.value().ipproto() != InnerProtocol.AUTO) {
            problems.add(listen.path() + ".ipproto", "vxlan carries Ethernet frames: leave ipproto out");
        }
    }

    private void vxlanHasItsOptions(At<Peer> peer) {
        boolean vxlan = peer.value().encapsulation() == Format.VXLAN;
        if (vxlan && peer.value().vni() == null) {
            problems.add(peer.path(), "encapsulation: vxlan needs vni, the number of the network: 0..16777215");
        }
        if (!vxlan && peer.value().vni() != null) {
            problems.add(peer.path() + ".vni", "only a VXLAN header has it: set encapsulation: vxlan, or leave it out");
        }
        if (vxlan && peer.value().protocol() != Protocol.IP) {
            problems.add(peer.path() + ".protocol", "vxlan carries Ethernet frames: leave protocol out");
        }
        PeerPorts port = peer.value().port();
        if (vxlan && port.forProtocol(4) != port.forProtocol(41)) {
            problems.add(peer.path() + ".port", "vxlan has one port: write port: 4789");
        }
    }

    private void deviceIsAPort() {
        if (config.device().bridge() != null && !config.device().address().isEmpty()) {
            problems.add(
                    "device.address",
                    "nothing answers at an address of a port of a bridge: give it to "
                            + config.device().bridge());
        }
        if (!config.routes().fromKernel().equals(RoutingTable.OFF)) {
            problems.add("routes.from_kernel", "with device.mode: tap MAC addresses name the peers: leave it out");
        }
    }

    private void carriesFrames(At<Peer> peer) {
        if (peer.value().type() != PeerType.FIXED) {
            problems.add(peer.path() + ".type", "device.mode: tap needs peers at one address each: leave type out");
        } else if (peer.value().encapsulation() != Format.VXLAN && peer.value().protocol() != Protocol.GRETAP) {
            problems.add(
                    peer.path(),
                    "device.mode: tap carries Ethernet frames: set encapsulation: vxlan, or protocol: gretap");
        }
    }

    private void networksAgree(List<At<Peer>> peers) {
        peers.stream()
                .map(At::value)
                .map(Peer::vni)
                .filter(vni -> vni != null)
                .findFirst()
                .ifPresent(
                        first -> peers.stream()
                                .filter(peer -> peer.value().vni() != null
                                        && !peer.value().vni().equals(first))
                                .forEach(
                                        peer -> problems.add(
                                                peer.path() + ".vni",
                                                peer.value().vni() + " is not " + first
                                                        + " as of the peers before it: one gateway is in one network; run another one")));
    }

    private void macsBelongToOnePeer(List<At<Peer>> peers) {
        Map<MacAddress, At<MacAddress>> first = new HashMap<>();
        for (At<Peer> peer : peers) {
            for (At<MacAddress> mac :
                    ConfigRules.items(peer.path() + ".macs", peer.value().macs())) {
                At<MacAddress> other = first.putIfAbsent(mac.value(), mac);
                if (!EthernetFrame.isSource(mac.value().bits())) {
                    problems.add(mac.path(), mac.value() + " is not the address of one machine: write one that is");
                } else if (other != null) {
                    problems.add(mac.path(), mac.value() + " already stands at " + other.path() + ": keep one");
                }
            }
        }
    }

    private void noFrames(List<At<Peer>> peers) {
        if (config.device().bridge() != null) {
            problems.add("device.bridge", "a TUN device cannot be a port of a bridge: set device.mode: tap");
        }
        if (!config.ethernet().equals(EthernetSettings.DEFAULT)) {
            problems.add("ethernet", "only device.mode: tap has a use for it: set that, or leave it out");
        }
        for (At<Peer> peer : peers) {
            if (peer.value().encapsulation() == Format.VXLAN) {
                problems.add(peer.path() + ".encapsulation", "vxlan carries Ethernet frames: set device.mode: tap");
            }
            if (peer.value().protocol() == Protocol.GRETAP) {
                problems.add(peer.path() + ".protocol", "gretap carries Ethernet frames: set device.mode: tap");
            }
            if (!peer.value().macs().isEmpty()) {
                problems.add(peer.path() + ".macs", "only device.mode: tap has a use for it: leave it out");
            }
        }
    }
}
