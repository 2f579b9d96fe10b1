package net.fougateway.engine;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import net.fougateway.linux.Link;
import net.fougateway.linux.Links;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.Netlink;
import net.fougateway.log.LogLimit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Follows the interfaces that sockets are bound to. The kernel binds them to the interface of a number: when one is made anew under the same
 * name, they have to be bound again.
 */
final class BoundDevices {

    /** Sockets of which some may be bound to interfaces. */
    interface Sockets {

        /** Names of these interfaces. */
        Set<String> devices();

        /** Binds those of an interface to it again that are bound to another index; true when there were some. */
        boolean bindAgain(String device, int index) throws LinuxException;
    }

    private static final Logger log = LoggerFactory.getLogger(BoundDevices.class);
    private static final LogLimit LIMIT = LogLimit.of(log, Level.INFO, "interfaces that were made anew");

    private final Links links;
    private final List<Sockets> sockets;

    BoundDevices(Netlink netlink, List<Sockets> sockets) {
        links = new Links(netlink);
        this.sockets = sockets;
    }

    void round() throws LinuxException {
        Set<String> names = new HashSet<>();
        sockets.forEach(some -> names.addAll(some.devices()));
        for (String name : names) {
            Optional<Link> link = links.find(name);
            if (link.isPresent() && bindAgain(name, link.get().index()) && LIMIT.permits()) {
                log.info("{} was made anew: the sockets bound to it follow", name);
            }
        }
    }

    private boolean bindAgain(String name, int index) throws LinuxException {
        boolean any = false;
        for (Sockets some : sockets) {
            any |= some.bindAgain(name, index);
        }
        return any;
    }
}
