package net.fougateway.plan;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import net.fougateway.codec.Format;
import net.fougateway.config.GatewayConfig;
import net.fougateway.linux.LinuxException;
import net.fougateway.route.Peer;
import net.fougateway.route.Underlay;

/** What is valid in a configuration and hardly meant, or not possible on this host as it is now. */
public final class Warnings {

    private final Plan plan;
    private final GatewayConfig config;
    private final HostLookups host;

    private Warnings(Plan plan, HostLookups host) {
        this.plan = plan;
        config = plan.config();
        this.host = host;
    }

    /** All of them, one sentence each, with what to do. */
    public static List<String> of(Plan plan, HostLookups host) {
        Warnings warnings = new Warnings(plan, host);
        return Stream.of(
                        plan.peering().problems().stream(),
                        warnings.nobody(),
                        warnings.foreignLocals(),
                        warnings.sharedRemotes(),
                        warnings.unheardGue(),
                        warnings.mtuAbovePath())
                .flatMap(sentences -> sentences)
                .toList();
    }

    private Stream<String> nobody() {
        return config.peers().isEmpty()
                ? Stream.of("there are no peers, so nothing is carried: add one to peers")
                : Stream.empty();
    }

    private Stream<String> foreignLocals() {
        Stream<String> ofListen = config.listen().stream()
                .map(GatewayConfig.Listen::local)
                .filter(Objects::nonNull)
                .filter(local -> !local.isAnyLocalAddress() && isForeign(local))
                .map(local ->
                        "local " + text(local) + " of listen is no address of this host: the gateway will not start");
        Stream<String> ofPeers = config.peers().stream()
                .filter(peer -> peer.local() != null && isForeign(peer.local()))
                .map(peer -> "local " + text(peer.local()) + " of peer " + peer.name()
                        + " is no address of this host: nothing can be sent to the peer from it");
        return Stream.concat(ofListen, ofPeers);
    }

    private boolean isForeign(InetAddress address) {
        try {
            return !address.isLinkLocalAddress()
                    && !host.route(address, Underlay.ANY).local();
        } catch (LinuxException noRoute) {
            return true;
        }
    }

    /** Keys of GRE tell peers apart that are at one address. */
    private Stream<String> sharedRemotes() {
        Map<String, String> first = new HashMap<>();
        return config.standing().stream().filter(peer -> peer.remote() != null).flatMap(peer -> {
            String end = peer.remote() + " " + peer.port() + " " + peer.outerDevice() + " "
                    + peer.gre().key();
            return Optional.ofNullable(first.putIfAbsent(end, peer.name()))
                    .map(other ->
                            "peers %s and %s have the same remote, %s: one peer with the allowed_ips of both will do"
                                    .formatted(other, peer.name(), peer.remote()))
                    .stream();
        });
    }

    private Stream<String> unheardGue() {
        boolean heard = config.listen().stream().anyMatch(listen -> listen.encapsulation() == Format.GUE);
        return config.peers().stream()
                .filter(peer -> !heard && peer.encapsulation() == Format.GUE)
                .map(peer -> "peer " + peer.name()
                        + " is sent GUE, and no entry of listen takes GUE, so what it sends back in GUE"
                        + " is dropped: add an entry with encapsulation: gue")
                .limit(1);
    }

    private Stream<String> mtuAbovePath() {
        return plan.peers().stream()
                .filter(peer -> config.device().mtuBytes() > peer.innerMtuBytes())
                .map(this::tooLarge)
                .limit(1);
    }

    private String tooLarge(Peer peer) {
        return "device.mtu is %d and the path to peer %s takes %d, so full-size packets are first refused, or fragmented: write auto"
                .formatted(config.device().mtuBytes(), peer.name(), peer.innerMtuBytes());
    }

    private static String text(InetAddress address) {
        return NetUtil.toAddressString(address);
    }
}
