package net.fougateway.engine;

import java.util.List;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import net.fougateway.metrics.Ethernet;
import net.fougateway.metrics.KernelPath;
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
 * @param kernelPath what was carried beside the workers
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
        KernelPath kernelPath,
        ToIntFunction<Peer> pathMtuBytes,
        boolean intact,
        Ethernet ethernet,
        List<String> findings) {

    /** The same with what another engine did beside this one. */
    EngineReport with(KernelPath path, List<Offload> moreOffloads, List<String> moreFindings) {
        return new EngineReport(
                counters,
                queues,
                receiveBufferDrops,
                sourcePorts,
                Stream.concat(offloads.stream(), moreOffloads.stream()).toList(),
                path,
                pathMtuBytes,
                intact,
                ethernet,
                Stream.concat(findings.stream(), moreFindings.stream()).toList());
    }

    /** Number of event loops. */
    public int workers() {
        return counters.size();
    }
}
