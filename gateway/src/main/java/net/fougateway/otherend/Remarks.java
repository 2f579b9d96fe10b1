package net.fougateway.otherend;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import net.fougateway.route.Prefix;

/** The comment lines that every format starts with. */
final class Remarks {

    private Remarks() {}

    /** Which peer it is, and what differs from its configuration. */
    static List<String> of(KernelSetup setup) {
        List<String> lines = new ArrayList<>();
        lines.add("# Peer " + setup.peer().name() + ": on the kernel at " + setup.kernel());
        if (setup.isMember()) {
            lines.add("# MACHINE_ADDRESS is the machine's own outer address, in " + list(setup.ranges())
                    + "; the gateway accepts from it what routes of the gateway's host lead to it for.");
        }
        if (setup.isSite()) {
            lines.add(
                    "# SITE_ADDRESS is the site's own outer IPv4 address; the inner address that has it inside belongs on fou-sit.");
        } else if (setup.gateway().equals(KernelSetup.UNKNOWN)) {
            lines.add("# There is no route to it, so this gateway's outer address is not known:"
                    + " put it in for OUR_ADDRESS, or set local in the peer.");
        }
        setup.remarks().forEach(remark -> lines.add("# " + remark));
        return lines;
    }

    /** Prefixes in a sentence. */
    static String list(List<Prefix> prefixes) {
        return prefixes.stream().map(Prefix::toString).collect(Collectors.joining(", "));
    }
}
