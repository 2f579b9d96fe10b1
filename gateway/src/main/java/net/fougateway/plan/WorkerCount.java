package net.fougateway.plan;

import net.fougateway.config.GatewayConfig;

/**
 * How many event loops carry packets, each with a queue of the device and sockets of its own.
 *
 * @param workers the number
 * @param explanation for people, the number and where it comes from
 */
public record WorkerCount(int workers, String explanation) {

    /** {@code MAX_TAP_QUEUES} of the kernel's {@code tun.c}. */
    private static final int MAX_QUEUES = 256;

    /** What a configuration asks for on a machine with so many processors. */
    static WorkerCount of(GatewayConfig config, int processors) {
        WorkerCount count = config.workers() == GatewayConfig.AUTO
                ? automatic(config, processors)
                : new WorkerCount(config.workers(), Integer.toString(config.workers()));
        int queues = config.device().queues();
        return queues == GatewayConfig.AUTO ? count : count.atMost(queues, "device.queues");
    }

    /** One for each processor; but only one can number packets. */
    private static WorkerCount automatic(GatewayConfig config, int processors) {
        if (config.peers().stream().anyMatch(peer -> peer.gre().sequence())) {
            return new WorkerCount(1, "1, because gre.sequence needs packets in order");
        }
        return new WorkerCount(processors, Integer.toString(processors))
                .atMost(MAX_QUEUES, "a TUN device, and there are " + processors + " processors");
    }

    /** Not more than {@code queues}, which are those of {@code whose}. */
    public WorkerCount atMost(int queues, String whose) {
        return workers <= queues ? this : new WorkerCount(queues, queues + ", the queues of " + whose);
    }
}
