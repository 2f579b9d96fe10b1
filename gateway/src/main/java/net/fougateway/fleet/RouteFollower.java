package net.fougateway.fleet;

import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import net.fougateway.linux.DeviceRoutes;
import net.fougateway.linux.Link;
import net.fougateway.linux.Links;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.Netlink;
import net.fougateway.linux.RouteEvents;
import net.fougateway.linux.SettledEvents;
import net.fougateway.log.LogLimit;
import net.fougateway.metrics.Routing.Cause;
import net.fougateway.metrics.Routing.Reads;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Follows the routes that the host has through the device. It reads all of them anew after a change, when that has settled, and every minute:
 * events do not tell enough to replay them.
 */
public final class RouteFollower implements AutoCloseable {

    /** Takes the routes that hold now. */
    public interface User {
        /** Called on the thread of the follower. */
        void use(FollowedRoutes routes);
    }

    private static final Logger log = LoggerFactory.getLogger(RouteFollower.class);
    private static final LogLimit LIMIT = LogLimit.of(log, Level.WARN, "routes that cannot be read");
    private static final double NANOS = 1e9;
    private static final int TIMER_SECONDS = 60;

    private final SettledEvents events;
    private final Links links;
    private final DeviceRoutes deviceRoutes;
    private final String device;
    private final int table;
    private final User user;
    private FollowedRoutes routes = FollowedRoutes.NONE;
    private int interfaceIndex;
    private volatile Reads reads = Reads.NONE;

    /**
     * One that has read nothing yet.
     *
     * @param events become its own
     * @param netlink stays the caller's
     * @param table number of the table that is followed
     */
    public RouteFollower(RouteEvents events, Netlink netlink, String device, int table, User user) {
        this.events = new SettledEvents(events, TIMER_SECONDS);
        links = new Links(netlink);
        deviceRoutes = new DeviceRoutes(netlink);
        this.device = device;
        this.table = table;
        this.user = user;
    }

    /** Reads for the first time. */
    public void start() throws LinuxException {
        read(Cause.START);
    }

    /** Waits a moment for events, and reads when there are some, or when it is time to. */
    public void round() throws LinuxException, InterruptedException {
        switch (events.await(interfaceIndex)) {
            case NONE -> {}
            case TIMER -> read(Cause.TIMER);
            case EVENT -> read(Cause.EVENT);
            case OVERFLOW -> read(Cause.OVERFLOW);
        }
    }

    private void read(Cause cause) throws LinuxException {
        long began = System.nanoTime();
        try {
            Optional<Link> link = links.find(device);
            interfaceIndex = link.map(Link::index).orElse(0);
            take(
                    link.isEmpty()
                            ? FollowedRoutes.NONE
                            : routes.then(deviceRoutes.read(interfaceIndex, table), Instant.now()),
                    cause);
        } catch (LinuxException e) {
            if (LIMIT.permits()) {
                log.warn("the routes through {} stay as they were: {}", device, e.getMessage());
            }
        }
        count(cause, System.nanoTime() - began);
    }

    /** Those who use them are told by the timer too, as what they are made of may have changed elsewhere. */
    @SuppressWarnings("ReferenceEquality")
    private void take(FollowedRoutes next, Cause cause) {
        boolean changed = next != routes;
        routes = next;
        if (changed) {
            reads = new Reads(reads.byCause(), reads.took(), Instant.now());
        }
        if (changed || cause == Cause.TIMER) {
            user.use(next);
        }
    }

    private void count(Cause cause, long nanos) {
        Map<Cause, Long> byCause = new EnumMap<>(Cause.class);
        byCause.putAll(reads.byCause());
        byCause.merge(cause, 1L, Long::sum);
        reads = new Reads(Map.copyOf(byCause), reads.took().and(nanos / NANOS), reads.lastChange());
    }

    /** What was read so far. */
    public Reads reads() {
        return reads;
    }

    @Override
    public void close() {
        events.close();
    }
}
