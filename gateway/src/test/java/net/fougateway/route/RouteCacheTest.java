package net.fougateway.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RouteCacheTest {

    private final RouteTable table = RouteTable.ofAllowedIps(List.of(
            Peers.peer(0, "192.0.2.1", "0.0.0.0/0", "::/1"),
            Peers.peer(1, "192.0.2.1", "10.0.0.0/8", "fd00::/8"),
            Peers.peer(2, "192.0.2.1", "10.128.0.0/9", "fd80::/9")));
    private final RouteCache cache = new RouteCache(table);

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void answersAsTheTable(boolean ipv4) {
        Random random = new Random(1);
        for (int i = 0; i < 100_000; i++) {
            long high =
                    ipv4 ? 0x0a000000L | random.nextInt(1 << 25) : 0xfd00L << 48 | (long) random.nextInt(1 << 9) << 47;
            long low = ipv4 ? 0 : random.nextInt(64);
            assertThat(cache.lookup(ipv4, high, low)).isEqualTo(table.lookup(ipv4, high, low));
        }
    }

    @Test
    void theAddressOfZerosIsOneLikeAnother() {
        assertThat(cache.lookup(true, 0, 0)).isZero();
        assertThat(cache.lookup(false, 0, 0)).isZero();
        assertThat(new RouteCache(RouteTable.ofAllowedIps(List.of())).lookup(true, 0, 0))
                .isEqualTo(RouteTable.NONE);
    }
}
