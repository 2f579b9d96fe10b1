package net.fougateway.it;

import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Two hosts on one wire, A and B. Underlay: {@code eth0}, 10.77.0.1 and 10.77.0.2, fd77::1 and fd77::2. Inside the tunnel,
 * device {@code fou0}: 10.10.10.1 and 10.10.10.2, fd00:10::1 and fd00:10::2.
 */
final class TwoHosts {

    static final String INNER4 = "10.10.10.";
    static final String INNER6 = "fd00:10::";
    /** The traffic server's port in every test. */
    static final int SERVICE = 7000;

    /** Family of the outer packets. */
    enum Underlay {
        IPV4("10.77.0.", "0.0.0.0", 28),
        IPV6("fd77::", "::", 48);

        private final String prefix;
        private final String any;
        private final int overhead;

        Underlay(String prefix, String any, int overhead) {
            this.prefix = prefix;
            this.any = any;
            this.overhead = overhead;
        }

        /** Outer address of host 1 or 2. */
        String address(int host) {
            return prefix + host;
        }

        /** Largest inner packet over a wire of 1500 bytes. */
        int innerMtu() {
            return 1500 - overhead;
        }
    }

    private final Namespace a;
    private final Namespace b;

    private TwoHosts(Namespace a, Namespace b) {
        this.a = a;
        this.b = b;
    }

    /** Builds them, without gateways. */
    static TwoHosts build(Lab lab) throws Exception {
        TwoHosts hosts = new TwoHosts(lab.namespace("a"), lab.namespace("b"));
        lab.link(hosts.a, "eth0", hosts.b, "eth0");
        hosts.a.address("eth0", "10.77.0.1/24", "fd77::1/64");
        hosts.b.address("eth0", "10.77.0.2/24", "fd77::2/64");
        return hosts;
    }

    Namespace a() {
        return a;
    }

    Namespace b() {
        return b;
    }

    /** Configuration for host 1 or 2, the other being its only peer. */
    static String config(Underlay underlay, int host) {
        return config(underlay, host, "mtu: auto", "ttl: 64");
    }

    /**
     * As {@link #config(Underlay, int)}.
     *
     * @param deviceKeys further keys of {@code device}, {@code key: value, …}
     * @param peerKeys further keys of the peer
     */
    static String config(Underlay underlay, int host, String deviceKeys, String peerKeys) {
        int other = 3 - host;
        return """
            device: {name: fou0, address: [10.10.10.%d/24, "fd00:10::%d/64"], %s}
            listen:
              - {port: 5555, local: "%s"}
            peers:
              - {name: other, remote: "%s", allowed_ips: [10.10.10.%d/32, "fd00:10::%d/128"], %s}
            """.formatted(host, host, deviceKeys, underlay.any, underlay.address(other), other, other, peerKeys);
    }

    /** Payload sizes for UDP: small, around every boundary of the tunnel's MTU, and large enough for many fragments. */
    static int[] udpSizes(int innerMtu) {
        IntStream edges = Stream.of(innerMtu - 48, innerMtu - 28, 2 * innerMtu - 48)
                .flatMapToInt(edge -> IntStream.rangeClosed(edge - 2, edge + 2));
        IntStream others = IntStream.of(0, 1, 2, 7, 64, 512, 1000, 4096, 16384, 65000);
        return IntStream.concat(others, edges).toArray();
    }
}
