package net.fougateway.benchmarks;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import net.fougateway.route.AddressBits;
import net.fougateway.route.Peer;
import net.fougateway.route.Peers;
import net.fougateway.route.Prefix;
import net.fougateway.route.RouteTable;

/** A route table of the size that a cluster of a hundred nodes has. */
final class Routes {

    private static final int PEERS = 100;

    private Routes() {}

    /** Routes {@code 10.<peer>.0.0/16}, {@code fd00:<peer>::/32} and one host of every peer. */
    static RouteTable table() {
        List<Peer> peers = new ArrayList<>();
        for (int i = 0; i < PEERS; i++) {
            List<Prefix> prefixes = List.of(
                    new Prefix(address(10, i, 0, 0), 16),
                    new Prefix(address(172, 16, 0, i), 32),
                    new Prefix(address(0xfd, 0, 0, i, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), 32));
            peers.add(Peers.peer(i, "192.0.2." + i, prefixes));
        }
        return RouteTable.ofAllowedIps(peers);
    }

    private static InetAddress address(int... numbers) {
        byte[] bytes = new byte[numbers.length];
        for (int i = 0; i < numbers.length; i++) {
            bytes[i] = (byte) numbers[i];
        }
        return AddressBits.address(bytes);
    }
}
