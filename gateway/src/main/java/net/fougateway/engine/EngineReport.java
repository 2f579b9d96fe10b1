package net.fougateway.engine;

import java.util.List;
import java.util.function.ToIntFunction;
import net.fougateway.metrics.Ethernet;
import net.fougateway.metrics.Snapshot.Offload;
import net.fougateway.metrics.WorkerCounters;
import net.fougateway.route.Peer;

/**
 * How an engine is at one moment.
 *
 * @param counters of each worker, copied between two batches, so that sums close
 * @param queues of the device
 * @param receiveBufferDrops datagrams that the kernel dropped because a socket's receive buffer was full
 * @param sourcePorts UDP source ports in use
 * @param offloads in a fixed order
 * @param pathMtuBytes largest outer IP packet believed to reach a peer
 * @param intact true while all sockets and queues are open
 * @param ethernet what the switch tells, where Ethernet is carried
 * @param findings what the operator should know and do, most important first
 */
public record EngineReport(
        List<WorkerCounters> counters,
        int queues,
        long receiveBufferDrops,
        int sourcePorts,
        List<Offload> offloads,
        ToIntFunction<Peer> pathMtuBytes,
        boolean intact,
        Ethernet ethernet,
        List<String> findings) {

    /** Number of event loops. */
    public int workers() {
        return counters.size();
    }
}
