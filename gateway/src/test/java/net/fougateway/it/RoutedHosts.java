package net.fougateway.it;

import java.util.List;

/**
 * Two hosts, A and B, with two routers between them, and a host C behind A: C – A – R – S – B. Underlay: 10.77.1.1 and 10.77.3.2, fd77:1::1 and fd77:3::2. Inside the
 * tunnel, device {@code fou0}: 10.10.10.1 and 10.10.10.2, fd00:10::1 and fd00:10::2; C is 10.10.11.2, fd00:11::2. A checks reverse paths. The links at the hosts take 9000 bytes, the one in the
 * middle takes less.
 */
final class RoutedHosts {

    private static final int EDGE_MTU = 9000;
    /** Below this a link has no IPv6. */
    private static final int IPV6_MIN_MTU = 1280;

    private final boolean ipv4Underlay;
    private final Namespace a;
    private final Namespace r;
    private final Namespace s;
    private final Namespace b;
    private final Namespace c;

    private RoutedHosts(Lab lab, boolean ipv4Underlay) throws Exception {
        this.ipv4Underlay = ipv4Underlay;
        a = lab.namespace("a");
        r = lab.namespace("r");
        s = lab.namespace("s");
        b = lab.namespace("b");
        c = lab.namespace("c");
    }

    /**
     * Builds them, without gateways.
     *
     * @param middleMtu MTU of the link between the routers
     */
    static RoutedHosts build(Lab lab, boolean ipv4Underlay, int middleMtu) throws Exception {
        RoutedHosts hosts = new RoutedHosts(lab, ipv4Underlay);
        hosts.link(lab, hosts.a, hosts.r, 1, EDGE_MTU);
        hosts.link(lab, hosts.r, hosts.s, 2, middleMtu);
        hosts.link(lab, hosts.s, hosts.b, 3, EDGE_MTU);
        hosts.linkBehindA(lab);
        hosts.r.forward();
        hosts.s.forward();
        hosts.a.ok("ip", "route", "add", "10.77.0.0/16", "via", "10.77.1.2");
        hosts.r.ok("ip", "route", "add", "10.77.3.0/24", "via", "10.77.2.2");
        hosts.s.ok("ip", "route", "add", "10.77.1.0/24", "via", "10.77.2.1");
        hosts.b.ok("ip", "route", "add", "10.77.0.0/16", "via", "10.77.3.1");
        hosts.a.ok("ip", "route", "add", "fd77::/16", "via", "fd77:1::2");
        if (middleMtu >= IPV6_MIN_MTU) {
            hosts.r.ok("ip", "route", "add", "fd77:3::/64", "via", "fd77:2::2");
            hosts.s.ok("ip", "route", "add", "fd77:1::/64", "via", "fd77:2::1");
        }
        hosts.b.ok("ip", "route", "add", "fd77::/16", "via", "fd77:3::1");
        return hosts;
    }

    /** Device {@code ethN} on both sides, addresses N.1 and N.2. */
    private void link(Lab lab, Namespace left, Namespace right, int number, int mtu) throws Exception {
        String device = "eth" + number;
        lab.link(left, device, right, device);
        left.ok("ip", "link", "set", device, "mtu", "" + mtu);
        right.ok("ip", "link", "set", device, "mtu", "" + mtu);
        left.address(device, "10.77.%d.1/24".formatted(number));
        right.address(device, "10.77.%d.2/24".formatted(number));
        if (mtu >= IPV6_MIN_MTU) {
            left.address(device, "fd77:%d::1/64".formatted(number));
            right.address(device, "fd77:%d::2/64".formatted(number));
        }
    }

    private void linkBehindA(Lab lab) throws Exception {
        lab.link(c, "eth0", a, "eth0");
        c.ok("ip", "link", "set", "eth0", "mtu", "" + EDGE_MTU);
        a.ok("ip", "link", "set", "eth0", "mtu", "" + EDGE_MTU);
        c.address("eth0", "10.10.11.2/24", "fd00:11::2/64");
        a.address("eth0", "10.10.11.1/24", "fd00:11::1/64");
        c.ok("ip", "route", "add", "10.10.10.0/24", "via", "10.10.11.1");
        c.ok("ip", "route", "add", "fd00:10::/64", "via", "fd00:11::1");
        a.forward();
        a.sysctl("ipv4/conf/all/rp_filter", "1");
    }

    /** Starts a gateway on both hosts; the one on A. */
    GatewayProcess gateways(Lab lab, String peerKeys) throws Exception {
        return gateways(lab, List.of(), peerKeys);
    }

    /**
     * As {@link #gateways(Lab, String)}.
     *
     * @param wrapper a program with its arguments that runs the gateway on A
     */
    GatewayProcess gateways(Lab lab, List<String> wrapper, String peerKeys) throws Exception {
        lab.gateway(b, config(2, peerKeys));
        return gatewayOnA(lab, wrapper, peerKeys);
    }

    /** Starts a gateway on A alone. */
    GatewayProcess gatewayOnA(Lab lab, List<String> wrapper, String peerKeys) throws Exception {
        return lab.own(GatewayProcess.start(a, wrapper, config(1, peerKeys))).awaitReady();
    }

    private String config(int host, String peerKeys) {
        int other = 3 - host;
        String behind = host == 2 ? ", 10.10.11.0/24, \"fd00:11::/64\"" : "";
        return """
            device: {name: fou0, address: [10.10.10.%d/24, "fd00:10::%d/64"]}
            listen: [{port: 5555}, {port: 6080, encapsulation: gue}]
            peers:
              - {name: other, remote: "%s", allowed_ips: [10.10.10.%d/32, "fd00:10::%d/128"%s], %s}
            """.formatted(host, host, outerAddress(other), other, other, behind, peerKeys);
    }

    /** Outer address of host 1 or 2. */
    String outerAddress(int host) {
        if (ipv4Underlay) {
            return host == 1 ? "10.77.1.1" : "10.77.3.2";
        }
        return host == 1 ? "fd77:1::1" : "fd77:3::2";
    }

    /** Inner address of host 1 or 2. */
    static String innerAddress(boolean ipv4, int host) {
        return (ipv4 ? TwoHosts.INNER4 : TwoHosts.INNER6) + host;
    }

    /** MTU of the path to host B as the kernel of {@code host} knows it, of inner packets. */
    static String knownMtu(Namespace host, boolean ipv4) throws Exception {
        String route = host.ok("ip", "route", "get", innerAddress(ipv4, 2)).output();
        return route.replaceAll("(?s).* mtu (\\d+).*", "$1");
    }

    Namespace a() {
        return a;
    }

    Namespace b() {
        return b;
    }

    Namespace c() {
        return c;
    }

    /** The router next to A. */
    Namespace router() {
        return r;
    }
}
