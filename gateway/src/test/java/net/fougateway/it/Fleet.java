package net.fougateway.it;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Hosts on one switch, 10.77.0.N/24 and fd00:77::N/64, each with a gateway that follows the routes of its host, all with the same
 * configuration but for the inner addresses: 10.42.N.1 and fd00:42:N::1, on {@code tunl0}.
 */
final class Fleet {

    static final String DEVICE = "tunl0";

    private final List<Namespace> hosts = new ArrayList<>();
    private final List<GatewayProcess> gateways = new ArrayList<>();

    Fleet(Lab lab, int count, String more) throws Exception {
        Namespace wire = lab.namespace("wire");
        wire.bridge("br0");
        for (int number = 1; number <= count; number++) {
            Namespace host = lab.namespace("host" + number);
            lab.link(wire, "port" + number, host, "eth0");
            wire.ok("ip", "link", "set", "port" + number, "master", "br0", "up");
            host.address("eth0", "10.77.0." + number + "/24", "fd00:77::" + number + "/64");
            hosts.add(host);
            gateways.add(lab.gateway(host, config(number, more)));
        }
    }

    static String config(int number, String more) {
        return """
                device: {name: tunl0, address: [10.42.%d.1/32, "fd00:42:%d::1/128"]%s}
                routes: {from_kernel: main}
                peers:
                - {name: fleet, type: next_hop, remote: [10.77.0.0/24, "fd00:77::/64"]}
                """.formatted(number, number, more);
    }

    Namespace host(int number) {
        return hosts.get(number - 1);
    }

    GatewayProcess gateway(int number) {
        return gateways.get(number - 1);
    }

    /** Runs {@code ip} with these arguments on a host. */
    void ip(int number, String arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("ip"));
        command.addAll(List.of(arguments.split(" ")));
        host(number).ok(command.toArray(String[]::new));
    }

    /** Routes the subnets of {@code to} to it, both families over IPv4. */
    void route(int from, int to) throws Exception {
        ip(from, "route add 10.42." + to + ".0/24 via 10.77.0." + to + " dev tunl0 onlink");
        ip(from, "-6 route add fd00:42:" + to + "::/48 via ::10.77.0." + to + " dev tunl0 onlink");
    }

    /** The next hops that a gateway has for a prefix, with commas; {@code none} for a route without, {@code absent} for no route. */
    String nextHops(int number, String prefix) throws Exception {
        String document = gateway(number).document("/routes");
        Matcher route = Pattern.compile("\"prefix\":\"" + Pattern.quote(prefix) + "\".*?\"nextHops\":\\[([^\\]]*)]")
                .matcher(document);
        if (!route.find()) {
            return "absent";
        }
        return route.group(1).isEmpty() ? "none" : route.group(1).replace("\"", "");
    }

    /** Waits until {@link #nextHops} are these. */
    void awaitNextHops(int number, String prefix, String hops) {
        await().atMost(Duration.ofSeconds(5))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> nextHops(number, prefix).equals(hops));
    }
}
