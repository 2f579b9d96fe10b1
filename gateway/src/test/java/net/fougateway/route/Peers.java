package net.fougateway.route;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import net.fougateway.codec.EmbeddedAddress;
import net.fougateway.codec.Encapsulation;
import net.fougateway.codec.Fou;
import net.fougateway.codec.Gre;

/** Short ways to make peers in tests. */
public final class Peers {

    private Peers() {}

    /** An address from its literal. */
    @SuppressWarnings("AddressSelection")
    public static InetAddress address(String literal) {
        try {
            return InetAddress.getByName(literal);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    static Prefix prefix(String text) {
        int slash = text.indexOf('/');
        return new Prefix(address(text.substring(0, slash)), Integer.parseInt(text.substring(slash + 1)));
    }

    /** A peer with the settings that most have. */
    public static Peer peer(int index, String remote, String... allowedIps) {
        List<Prefix> prefixes = Stream.of(allowedIps).map(Peers::prefix).toList();
        return peer(index, remote, prefixes);
    }

    /** A peer with the settings that most have. */
    public static Peer peer(int index, String remote, List<Prefix> prefixes) {
        return peer(index, remote, Fou.PLAIN, Gre.PLAIN, prefixes);
    }

    /** A peer that is sent {@code encapsulation}, and that sends GRE with the options of {@code gre}. */
    public static Peer peer(int index, String remote, Encapsulation encapsulation, Gre gre, List<Prefix> prefixes) {
        return peer(index, address(remote), Optional.empty(), Optional.empty(), encapsulation, gre, prefixes);
    }

    /** Sites whose outer addresses are inside their inner ones; ours is {@code local}. */
    public static Peer embedded(int index, EmbeddedAddress embedded, String local, String... allowedIps) {
        List<Prefix> prefixes = Stream.of(allowedIps).map(Peers::prefix).toList();
        return peer(
                index,
                address("0.0.0.0"),
                Optional.of(embedded),
                Optional.of(address(local)),
                Fou.PLAIN,
                Gre.PLAIN,
                prefixes);
    }

    /** A peer of a gateway that carries Ethernet. */
    public static Peer ofFrames(
            int index, String remote, Encapsulation encapsulation, PeerFrames frames, String... prefixes) {
        Peer peer = peer(
                index,
                address(remote),
                Optional.empty(),
                Optional.empty(),
                encapsulation,
                Optional.ofNullable(encapsulation.gre()).orElse(Gre.PLAIN),
                Stream.of(prefixes).map(Peers::prefix).toList());
        return new Peer(
                index,
                peer.name(),
                peer.remote(),
                peer.embedded(),
                peer.underlay(),
                peer.ports(),
                peer.sourcePort(),
                peer.checksum(),
                encapsulation,
                peer.gre(),
                peer.ttl(),
                peer.tos(),
                peer.pmtuDiscovery(),
                peer.mssClamp(),
                peer.inKernel(),
                peer.allowedIps(),
                frames,
                peer.pathMtuBytes());
    }

    private static Peer peer(
            int index,
            InetAddress remote,
            Optional<EmbeddedAddress> embedded,
            Optional<InetAddress> local,
            Encapsulation encapsulation,
            Gre gre,
            List<Prefix> prefixes) {
        return new Peer(
                index,
                "peer" + index,
                remote,
                embedded,
                new Underlay(local, "", 0),
                Peer.Ports.all(5555),
                0,
                true,
                encapsulation,
                gre,
                64,
                Peer.INHERIT_TOS,
                true,
                true,
                false,
                prefixes,
                PeerFrames.NONE,
                1500);
    }
}
