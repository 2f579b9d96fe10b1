package net.fougateway.engine;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
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

        /** Binds those of an interface to it again. */
        void bindAgain(String device) throws LinuxException;
    }

    private static final Logger log = LoggerFactory.getLogger(BoundDevices.class);
    private static final LogLimit LIMIT = LogLimit.of(log, Level.INFO, "interfaces that were made anew");

    private final Links links;
    private final List<Sockets> sockets;
    private final Map<String, Integer> indexes = new HashMap<>();

    BoundDevices(Netlink netlink, List<Sockets> sockets) {
        links = new Links(netlink);
        this.sockets = sockets;
    }

    void round() throws LinuxException {
        Set<String> names = new HashSet<>();
        sockets.forEach(some -> names.addAll(some.devices()));
        indexes.keySet().retainAll(names);
        for (String name : names) {
            int index = links.find(name).map(Link::index).orElse(0);
            if (index != 0 && index != indexes.getOrDefault(name, index)) {
                bindAgain(name);
            }
            if (index != 0) {
                indexes.put(name, index);
            }
        }
    }

    private void bindAgain(String name) throws LinuxException {
        for (Sockets some : sockets) {
            some.bindAgain(name);
        }
        if (LIMIT.permits()) {
            log.info("{} was made anew: the sockets bound to it follow", name);
        }
    }
}
