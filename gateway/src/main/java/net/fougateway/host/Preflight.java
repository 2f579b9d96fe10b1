package net.fougateway.host;

import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.Netlink;
import net.fougateway.route.Peer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the host for what makes packets vanish or slow. It looks when it is asked, on the thread that asks, but not more often than
 * every 10 seconds; one look costs at most 400 requests to the kernel, a few milliseconds.
 */
public final class Preflight {

    static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final Logger log = LoggerFactory.getLogger(Preflight.class);

    private final Function<List<Peer>, List<String>> look;
    private final LongSupplier clock;
    private List<Peer> lookedFor;
    private long lookedAtNanos;
    private List<String> findings = List.of();
    private List<String> warned = List.of();

    Preflight(Function<List<Peer>, List<String>> look, LongSupplier clock) {
        this.look = look;
        this.clock = clock;
    }

    /**
     * Looks at the host that this process and {@code netlink} belong to.
     *
     * @param netlink stays the caller's
     * @param device name of the TUN device
     * @param listenPorts UDP ports that the gateway listens on
     */
    public static Preflight of(Netlink netlink, String device, Collection<Integer> listenPorts) {
        HostReader reader = new HostReader(netlink, new Sysctl(Path.of("/proc/sys")), device, listenPorts);
        return new Preflight(peers -> look(reader, peers), System::nanoTime);
    }

    private static List<String> look(HostReader reader, List<Peer> peers) {
        try {
            return reader.read(routed(peers)).map(HostRules::findings).orElse(List.of());
        } catch (LinuxException | RuntimeException e) {
            return List.of(Finding.HOST_NOT_SEEN.sentence(Map.of("error", String.valueOf(e.getMessage()))));
        }
    }

    /** Peers that frames go to have no routes. */
    private static List<Peer> routed(List<Peer> peers) {
        return peers.stream().filter(peer -> peer.frames().linkBytes() == 0).toList();
    }

    /** What the operator should know and do, most important first, each one sentence that ends with the line to type. */
    public synchronized List<String> findings(List<Peer> peers) {
        long now = clock.getAsLong();
        if (!peers.equals(lookedFor) || now - lookedAtNanos >= PERIOD_NANOS) {
            findings = look.apply(peers);
            lookedFor = peers;
            lookedAtNanos = now;
        }
        return findings;
    }

    /** Logs what is found and was not logged the last time. */
    public synchronized void warn(List<Peer> peers) {
        lookedFor = null;
        List<String> now = findings(peers);
        now.stream().filter(finding -> !warned.contains(finding)).forEach(finding -> log.warn("{}", finding));
        warned = now;
    }
}
