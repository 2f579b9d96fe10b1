package net.fougateway.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RouteTableTest {

    private static int lookup(RouteTable table, InetAddress address) {
        boolean ipv4 = address.getAddress().length == 4;
        return table.lookup(ipv4, AddressBits.high(address), AddressBits.low(address));
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.1, 0",
        "0.0.0.0, 0",
        "255.255.255.255, 0",
        "10.0.0.1, 1",
        "10.1.0.1, 2",
        "10.1.2.1, 3",
        "10.1.2.3, 4",
        "10.1.2.4, 3",
        "2001:db8::1, 5",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff, 5",
        "fd00:1::, 6",
        "fd00:1:0:1::5, 7",
        "fd00:1:0:1:8000::, 8",
        "fd00:1:0:1::7, 9",
        "fd00:1:0:1::8, 7"
    })
    void theLongestPrefixWins(String address, int peer) {
        RouteTable table = RouteTable.ofAllowedIps(List.of(
                Peers.peer(0, "192.0.2.1", "0.0.0.0/0"),
                Peers.peer(1, "192.0.2.1", "10.0.0.0/8"),
                Peers.peer(2, "192.0.2.1", "10.1.0.0/16"),
                Peers.peer(3, "192.0.2.1", "10.1.2.0/24"),
                Peers.peer(4, "192.0.2.1", "10.1.2.3/32"),
                Peers.peer(5, "192.0.2.1", "::/0"),
                Peers.peer(6, "192.0.2.1", "fd00:1::/32"),
                Peers.peer(7, "192.0.2.1", "fd00:1:0:1::/64"),
                Peers.peer(8, "192.0.2.1", "fd00:1:0:1:8000::/65"),
                Peers.peer(9, "192.0.2.1", "fd00:1:0:1::7/128")));
        assertThat(lookup(table, Peers.address(address))).isEqualTo(peer);
        assertThat(table.size(true)).isEqualTo(5);
        assertThat(table.size(false)).isEqualTo(5);
    }

    @Test
    void whatNoPrefixCoversHasNoPeer() {
        RouteTable table = RouteTable.ofAllowedIps(List.of(Peers.peer(0, "192.0.2.1", "10.0.0.0/8")));
        assertThat(lookup(table, Peers.address("11.0.0.0"))).isEqualTo(RouteTable.NONE);
        assertThat(lookup(table, Peers.address("a00::"))).isEqualTo(RouteTable.NONE);
        assertThat(lookup(RouteTable.ofAllowedIps(List.of()), Peers.address("10.0.0.1")))
                .isEqualTo(RouteTable.NONE);
    }

    @Test
    void familiesDoNotMix() {
        RouteTable table = RouteTable.ofAllowedIps(List.of(Peers.peer(0, "192.0.2.1", "::/0")));
        assertThat(lookup(table, Peers.address("10.0.0.1"))).isEqualTo(RouteTable.NONE);
        assertThat(lookup(table, Peers.address("::10.0.0.1"))).isZero();
    }

    @Test
    void hostBitsOfAPrefixDoNotCount() {
        RouteTable table = RouteTable.ofAllowedIps(List.of(Peers.peer(3, "192.0.2.1", "10.1.2.3/24", "fd00::1/64")));
        assertThat(lookup(table, Peers.address("10.1.2.99"))).isEqualTo(3);
        assertThat(lookup(table, Peers.address("fd00::99"))).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void randomPrefixesAreFoundAsByLookingAtAll(boolean ipv4) {
        for (long seed = 0; seed < 100; seed++) {
            Random random = new Random(seed);
            List<Prefix> prefixes = randomPrefixes(random, ipv4);
            List<Peer> peers = new ArrayList<>();
            for (int i = 0; i < prefixes.size(); i++) {
                peers.add(Peers.peer(i, "192.0.2.1", List.of(prefixes.get(i))));
            }
            RouteTable table = RouteTable.ofAllowedIps(peers);
            for (int i = 0; i < 200; i++) {
                InetAddress address = randomAddress(random, ipv4);
                assertThat(lookup(table, address))
                        .as("seed %d, address %s", seed, address)
                        .isEqualTo(reference(prefixes, address));
            }
        }
    }

    private static List<Prefix> randomPrefixes(Random random, boolean ipv4) {
        Map<String, Prefix> prefixes = new TreeMap<>();
        for (int i = 1 + random.nextInt(40); i > 0; i--) {
            Prefix prefix = new Prefix(randomAddress(random, ipv4), random.nextInt(ipv4 ? 33 : 129)).masked();
            prefixes.put(prefix.toString(), prefix);
        }
        return List.copyOf(prefixes.values());
    }

    /** Few different bits, so that prefixes nest and are hit. */
    private static InetAddress randomAddress(Random random, boolean ipv4) {
        byte[] bytes = new byte[ipv4 ? 4 : 16];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (random.nextInt(3) == 0 ? 0x80 >> random.nextInt(8) : 0);
        }
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    private static int reference(List<Prefix> prefixes, InetAddress address) {
        int best = RouteTable.NONE;
        for (int i = 0; i < prefixes.size(); i++) {
            Prefix prefix = prefixes.get(i);
            boolean covers = new Prefix(address, prefix.length()).masked().equals(prefix);
            if (covers
                    && (best == RouteTable.NONE
                            || prefix.length() > prefixes.get(best).length())) {
                best = i;
            }
        }
        return best;
    }
}
