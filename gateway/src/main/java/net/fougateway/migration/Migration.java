package net.fougateway.migration;

import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import net.fougateway.codec.EmbeddedAddress;
import net.fougateway.route.AddressBits;
import net.fougateway.route.Prefix;

/** Works out the configuration that takes the place of the kernel's tunnels, and what has none. */
public final class Migration {

    static final String FIXED = "fixed";
    static final String NEXT_HOP = "next_hop";
    static final String SIX_RD = "6rd";
    private static final String SIX_TO_FOUR = "6to4";
    private static final String ISATAP = "isatap";

    private final List<TunnelDevice> tunnels;
    private final List<FouPort> ports;
    private final List<KernelRoute> routes;
    private final List<TunnelDevice> takenOver = new ArrayList<>();
    private final List<ImportedPeer> peers = new ArrayList<>();
    private final Map<Prefix, String> claimed = new HashMap<>();
    private final List<String> remarks = new ArrayList<>();

    private Migration(List<IpJson> objects) {
        tunnels = objects.stream()
                .filter(json -> json.has("ifname"))
                .flatMap(json -> TunnelDevice.of(json).stream())
                .toList();
        ports = objects.stream()
                .filter(json -> json.has("port"))
                .map(FouPort::of)
                .toList();
        routes = objects.stream()
                .filter(json -> json.has("dst"))
                .flatMap(json -> KernelRoute.of(json).stream())
                .distinct()
                .sorted(Comparator.comparing(KernelRoute::metric))
                .toList();
    }

    /**
     * The configuration file, with comments.
     *
     * @param printed what {@code ip -d -j address}, {@code ip -j fou show}, {@code ip -j route} and {@code ip -6 -j route} printed, one
     *     after the other in any order
     * @throws IOException when it is something else; the message is a sentence for the user
     */
    public static String configuration(String printed) throws IOException {
        try {
            Migration migration = new Migration(IpJson.read(printed));
            migration.decide();
            return new MigrationText(migration).print();
        } catch (IllegalArgumentException e) {
            throw new IOException("this is not what ip -j prints: " + e.getMessage(), e);
        }
    }

    private void decide() {
        ports.stream()
                .filter(port -> !port.isKnown())
                .forEach(port -> remarks.add("ip fou add " + port + ": "
                        + (port.connected() ? "it hears one sender only" : "it carries neither IP nor GRE")));
        tunnels.stream().filter(device -> device.up() || !device.isFallback()).forEach(this::decide);
        routes.stream().filter(this::leadsIntoTunnel).forEach(this::remark);
    }

    private void decide(TunnelDevice device) {
        String type = type(device);
        List<KernelRoute> own = routesOf(device).toList();
        List<Prefix> prefixes = type.equals(NEXT_HOP) ? machines(own) : behind(device, type, own);
        Optional<String> obstacle = Obstacles.of(device, type, this::hears)
                .or(() -> prefixes.isEmpty() ? Optional.of(nothingBehind(type)) : Optional.empty());
        if (obstacle.isPresent()) {
            remarks.add(device.name() + ": " + obstacle.get());
            return;
        }
        takenOver.add(device);
        remarks.addAll(Obstacles.differences(device));
        Map<String, String> keys = PeerKeys.of(device, type);
        peers.stream()
                .filter(peer -> peer.takes(device, keys))
                .findFirst()
                .orElseGet(() -> newPeer(device, keys))
                .add(device, type.equals(NEXT_HOP) ? prefixes : claim(device, prefixes));
    }

    private ImportedPeer newPeer(TunnelDevice device, Map<String, String> keys) {
        ImportedPeer peer = new ImportedPeer(device.name(), keys);
        peers.add(peer);
        return peer;
    }

    private static String nothingBehind(String type) {
        return type.equals(NEXT_HOP)
                ? "it has no remote, and no route through it has a next hop that could be the other end"
                : "no route leads through it, so that allowed_ips would be empty";
    }

    private boolean hears(boolean ipv4) {
        return ports.stream().anyMatch(port -> port.isKnown() && port.ipv4() == ipv4);
    }

    /** A device without other end finds it inside inner addresses, or in the next hops of routes. */
    private String type(TunnelDevice device) {
        if (device.remote().isPresent()) {
            return FIXED;
        }
        if (!device.kind().equals("sit")) {
            return NEXT_HOP;
        }
        if (device.isIsatap()) {
            return ISATAP;
        }
        if (!device.sixRd().equals(TunnelDevice.SIX_TO_FOUR)) {
            return SIX_RD;
        }
        return Stream.concat(device.addresses().stream(), routesOf(device).map(KernelRoute::prefix))
                        .anyMatch(Migration::isSixToFour)
                ? SIX_TO_FOUR
                : NEXT_HOP;
    }

    private static boolean isSixToFour(Prefix prefix) {
        return !prefix.isIpv4()
                && EmbeddedAddress.SIX_TO_FOUR.covers(
                        AddressBits.high(prefix.address()), AddressBits.low(prefix.address()));
    }

    private Stream<KernelRoute> routesOf(TunnelDevice device) {
        return routes.stream()
                .filter(KernelRoute::isMain)
                .filter(route -> route.device().equals(device.name()));
    }

    /** Destinations of its routes but for its own addresses; of many sites those that are on the link. */
    private static List<Prefix> behind(TunnelDevice device, String type, List<KernelRoute> own) {
        return own.stream()
                .filter(route -> type.equals(FIXED) || route.gateway().isEmpty())
                .map(KernelRoute::prefix)
                .filter(prefix -> device.addresses().stream()
                        .noneMatch(address -> Prefix.host(address.address()).equals(prefix)))
                .distinct()
                .toList();
    }

    private List<Prefix> claim(TunnelDevice device, List<Prefix> prefixes) {
        List<Prefix> free = new ArrayList<>();
        for (Prefix prefix : prefixes) {
            String other = claimed.putIfAbsent(prefix, device.name());
            if (other == null) {
                free.add(prefix);
            } else {
                remarks.add("%s: %s is behind %s too, and a prefix belongs to one peer"
                        .formatted(device.name(), prefix, other));
            }
        }
        return free;
    }

    /** The underlay's networks that next hops are in. */
    private List<Prefix> machines(List<KernelRoute> own) {
        return own.stream()
                .flatMap(route -> route.gateway().stream())
                .map(this::network)
                .distinct()
                .toList();
    }

    private Prefix network(InetAddress machine) {
        return routes.stream()
                .filter(route -> route.isMain()
                        && route.gateway().isEmpty()
                        && !route.device().isEmpty())
                .filter(route ->
                        tunnels.stream().noneMatch(device -> device.name().equals(route.device())))
                .map(KernelRoute::prefix)
                .filter(prefix -> prefix.length() > 0 && prefix.covers(machine))
                .max(Comparator.comparing(Prefix::length))
                .orElse(Prefix.host(machine));
    }

    private boolean leadsIntoTunnel(KernelRoute route) {
        return takenOver.stream()
                .anyMatch(device ->
                        route.device().equals(device.name()) || route.legs().contains(device.name()));
    }

    private void remark(KernelRoute route) {
        if (!route.legs().isEmpty()) {
            remarks.add("ip route " + route.prefix() + ": it has several legs, and a prefix belongs to one peer");
        } else if (!route.isMain()) {
            remarks.add("ip route %s: add %s to allowed_ips, and make the route again with dev fou0"
                    .formatted(route, route.prefix()));
        }
    }

    List<ImportedPeer> peers() {
        return peers;
    }

    List<FouPort> ports() {
        return ports.stream().filter(FouPort::isKnown).toList();
    }

    List<TunnelDevice> takenOver() {
        return takenOver;
    }

    /** Routes whose next hops the gateway is to follow. */
    List<KernelRoute> followed() {
        return takenOver.stream()
                .filter(device -> type(device).equals(NEXT_HOP))
                .flatMap(this::routesOf)
                .filter(route -> route.gateway().isPresent())
                .toList();
    }

    List<String> remarks() {
        return remarks;
    }
}
