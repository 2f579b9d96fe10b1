package net.fougateway.fleet;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import net.fougateway.config.GatewayConfig;
import net.fougateway.plan.HostLookups;
import net.fougateway.plan.Peering;
import net.fougateway.route.Peer;

/**
 * Machines that routes have led to. One stays for a minute after its last route, so that a route that flaps keeps its counters and its path
 * MTU.
 */
final class Members {

    static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final HostLookups host;
    private final LongSupplier nanos;
    private final Map<String, Member> byName = new LinkedHashMap<>();
    private final Map<String, Integer> counts = new HashMap<>();

    private record Member(GatewayConfig.Peer template, Peer peer, long neededNanos) {}

    Members(HostLookups host, LongSupplier nanos) {
        this.host = host;
        this.nanos = nanos;
    }

    static String name(GatewayConfig.Peer template, InetAddress outer) {
        return template.name() + "/" + NetUtil.toAddressString(outer);
    }

    /** Lets go of those whose template has changed, or that nobody has needed for long. */
    void retain(Collection<GatewayConfig.Peer> templates) {
        long now = nanos.getAsLong();
        byName.values()
                .removeIf(member -> !templates.contains(member.template) || now - member.neededNanos >= GRACE_NANOS);
        counts.clear();
        byName.values().forEach(member -> counts.merge(member.template.name(), 1, Integer::sum));
    }

    /** True when one is kept that could go. */
    boolean isAnyOverdue() {
        long now = nanos.getAsLong();
        return byName.values().stream().anyMatch(member -> now - member.neededNanos >= GRACE_NANOS);
    }

    /** True when a machine is there already. */
    boolean has(GatewayConfig.Peer template, InetAddress outer) {
        return byName.containsKey(name(template, outer));
    }

    /** True when a peer takes one more. */
    boolean hasRoom(GatewayConfig.Peer template) {
        return counts.getOrDefault(template.name(), 0) < template.limit();
    }

    /** Notes that a route leads to a machine. */
    void need(GatewayConfig config, GatewayConfig.Peer template, InetAddress outer) {
        String name = name(template, outer);
        Member known = byName.get(name);
        if (known == null) {
            counts.merge(template.name(), 1, Integer::sum);
        }
        Peer peer = known != null ? known.peer : Peering.member(config, host, template, name, outer);
        byName.put(name, new Member(template, peer, nanos.getAsLong()));
    }

    /** All, with indexes from {@code firstIndex} on. */
    List<Peer> peers(int firstIndex) {
        List<Peer> peers = new ArrayList<>();
        byName.values().forEach(member -> peers.add(member.peer.withIndex(firstIndex + peers.size())));
        return peers;
    }

    /** How many each template has, by its name. */
    Map<String, Integer> counts() {
        return Map.copyOf(counts);
    }
}
