package net.fougateway.route;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

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

    static Peer peer(int index, String remote, List<Prefix> prefixes) {
        return new Peer(
                index,
                "peer" + index,
                address(remote),
                Optional.empty(),
                5555,
                5555,
                0,
                true,
                64,
                Peer.INHERIT_TOS,
                true,
                prefixes,
                1500);
    }
}
