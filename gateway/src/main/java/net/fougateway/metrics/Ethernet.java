package net.fougateway.metrics;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import net.fougateway.ethernet.Flooding;
import net.fougateway.ethernet.MacTable;

/**
 * What a switch tells of itself; of a gateway that carries IP {@link #NONE}.
 *
 * @param macs learned addresses; asked for by who wants them
 * @param flooded frames that went to every peer
 * @param moves how often a MAC address was seen elsewhere than before
 * @param refused how often one was not learned for want of room
 */
public record Ethernet(Supplier<List<MacTable.Entry>> macs, Map<Flooding, Long> flooded, long moves, long refused) {

    /** Where IP is carried. */
    public static final Ethernet NONE = new Ethernet(List::of, Map.of(), 0, 0);
}
