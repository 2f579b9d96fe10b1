package net.fougateway.host;

import java.util.List;
import java.util.Optional;
import net.fougateway.linux.Link;
import net.fougateway.linux.Links;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.Netlink;
import net.fougateway.linux.RouteEvents;
import net.fougateway.linux.SettledEvents;
import net.fougateway.log.LogLimit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Keeps a {@link LinkSetup} in force: after each change on the host, and every few seconds in case that one went unheard, what has got
 * lost is given again.
 */
public final class LinkKeeper implements AutoCloseable {

    /** For some thousand events; what gets lost beyond them is made up for by the next look. */
    public static final int EVENT_BUFFER_BYTES = 1 << 20;

    private static final Logger log = LoggerFactory.getLogger(LinkKeeper.class);
    private static final LogLimit RESTORED = LogLimit.of(log, Level.INFO, "restorations");
    private static final LogLimit REFUSED = LogLimit.of(log, Level.WARN, "refused restorations");
    private static final int TIMER_SECONDS = 10;

    private final SettledEvents events;
    private final Netlink netlink;
    private final LinkSetup setup;
    private final String device;
    private int interfaceIndex = RouteEvents.ANY_INTERFACE;
    private List<String> told = List.of();

    /**
     * A keeper that has not looked yet.
     *
     * @param events become its own
     * @param netlink in the namespace of the device; stays the caller's
     */
    public LinkKeeper(RouteEvents events, Netlink netlink, LinkSetup setup, String device) {
        this.events = new SettledEvents(events, TIMER_SECONDS);
        this.netlink = netlink;
        this.setup = setup;
        this.device = device;
    }

    /** Waits a moment for events, and looks when there are some, or when it is time to. */
    public void round() throws LinuxException, InterruptedException {
        if (events.await(interfaceIndex) != SettledEvents.Cause.NONE) {
            look();
        }
    }

    private void look() throws LinuxException {
        Optional<Link> link = new Links(netlink).find(device);
        interfaceIndex = setup.heedsOtherDevices()
                ? RouteEvents.ANY_INTERFACE
                : link.map(Link::index).orElse(0);
        List<String> given = setup.keep(netlink);
        if (!given.isEmpty() && RESTORED.permits()) {
            log.info("{} had lost what it was given; done again: {}", device, some(given));
        }
        List<String> missing = setup.missing();
        if (!missing.equals(told) && !missing.isEmpty() && REFUSED.permits()) {
            log.warn("{} has lost what it was given, and cannot be given it: {}", device, some(missing));
        }
        told = missing;
    }

    private static String some(List<String> all) {
        return all.get(0) + (all.size() == 1 ? "" : " and " + (all.size() - 1) + " more");
    }

    @Override
    public void close() {
        events.close();
    }
}
