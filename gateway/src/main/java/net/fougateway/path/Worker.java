package net.fougateway.path;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import net.fougateway.capture.Captures;
import net.fougateway.capture.Tap;
import net.fougateway.codec.Coalescer;
import net.fougateway.codec.FlowHash;
import net.fougateway.metrics.OffloadState;
import net.fougateway.metrics.WorkerCounters;
import net.fougateway.tun.IcmpMessage;
import net.fougateway.tun.RunBatch;
import net.fougateway.tun.TokenBucket;
import net.fougateway.tun.TunChannel;
import net.fougateway.tun.TunDevice;
import net.fougateway.tun.TunOffloads;
import net.fougateway.udp.DatagramBatch;
import net.fougateway.udp.IcmpChannel;
import net.fougateway.udp.IcmpSocket;
import net.fougateway.udp.KernelUdp;
import net.fougateway.udp.ReceiveBatch;
import net.fougateway.udp.UdpChannel;
import net.fougateway.udp.UdpListener;
import net.fougateway.udp.UdpSystemCalls;

/** One event loop with one TUN queue and one UDP socket for each port: packets of a flow never leave it. */
public final class Worker {

    /**
     * What all workers share.
     *
     * @param gso whether {@code UDP_SEGMENT} is used
     * @param icmpLimit how many ICMP errors are sent to inner senders
     * @param captures what looks at packets
     * @param deviceLost called when a queue of the device fails, which it does when somebody deletes the device
     */
    public record Shared(
            FlowHash flowHash,
            TunDevice device,
            TunOffloads tunOffloads,
            OffloadState gso,
            TokenBucket icmpLimit,
            Captures captures,
            Runnable deviceLost) {}

    /**
     * The worker's own sockets.
     *
     * @param listeners at least one
     * @param icmp of one worker; those of the others have none
     */
    public record Sockets(List<UdpListener> listeners, List<IcmpSocket> icmp) {}

    private static final int MAX_PACKETS_IN_BATCH = 4096;
    private static final long HEARTBEAT_MILLIS = 500;

    private final WorkerCounters counters;
    private final List<Channel> channels = new ArrayList<>();
    private volatile boolean stopping;
    private volatile long lastHeartbeatNanos = System.nanoTime();

    private final EventLoop loop;
    private UdpToTun udpToTun;
    private TunToUdp tunToUdp;
    private UnderlayErrors underlayErrors;

    private Worker(EventLoop loop, Forwarding forwarding) {
        this.loop = loop;
        counters = new WorkerCounters(forwarding.names());
    }

    /**
     * Starts a worker on {@code loop}.
     *
     * @param queue index of its queue of the device
     * @param sockets its own
     * @param forwarding to begin with
     */
    public static Worker start(EventLoop loop, Shared shared, int queue, Sockets sockets, Forwarding forwarding) {
        Worker worker = new Worker(loop, forwarding);
        TunChannel tun = new TunChannel(
                shared.device().queues().get(queue), shared.device().name());
        UdpSystemCalls kernel = new KernelUdp();
        ReceiveBatch received = new ReceiveBatch(kernel);
        Tap tap = new Tap(shared.captures());
        worker.udpToTun = worker.udpToTun(shared, tun, forwarding, tap);
        for (UdpListener listener : sockets.listeners()) {
            UdpChannel udp = new UdpChannel(listener, received);
            udp.pipeline().addLast(worker.udpToTun);
            worker.channels.add(udp);
        }
        IcmpMessage icmp = new IcmpMessage(shared.icmpLimit(), worker.counters);
        worker.underlayErrors = new UnderlayErrors(tun, forwarding, icmp);
        for (IcmpSocket socket : sockets.icmp()) {
            IcmpChannel channel = new IcmpChannel(socket);
            channel.pipeline().addLast(worker.underlayErrors);
            worker.channels.add(channel);
        }
        worker.tunToUdp = new TunToUdp(
                worker.channels.get(0),
                new DatagramBatch(kernel, worker.counters, shared.gso(), tap),
                forwarding,
                shared.flowHash(),
                icmp,
                worker.counters,
                tap);
        tun.pipeline().addLast(worker.tunToUdp);
        worker.channels.add(tun);
        worker.channels.forEach(channel -> loop.register(channel).syncUninterruptibly());
        tun.closeFuture().addListener(closed -> worker.queueClosed(shared.deviceLost()));
        loop.scheduleAtFixedRate(worker::beat, 0, HEARTBEAT_MILLIS, TimeUnit.MILLISECONDS);
        return worker;
    }

    private UdpToTun udpToTun(Shared shared, TunChannel tun, Forwarding forwarding, Tap tap) {
        Coalescer coalescer = shared.tunOffloads().coalescer(MAX_PACKETS_IN_BATCH);
        return new UdpToTun(tun, coalescer, new RunBatch(coalescer, counters, tap), forwarding, counters, tap);
    }

    /** Goes on with other peers, between two batches; complete when it has. */
    public Future<?> use(Forwarding forwarding) {
        return loop.submit(() -> {
            counters.usePeers(forwarding.names());
            udpToTun.use(forwarding);
            tunToUdp.use(forwarding);
            underlayErrors.use(forwarding);
        });
    }

    private void queueClosed(Runnable deviceLost) {
        if (!stopping) {
            deviceLost.run();
        }
    }

    private void beat() {
        lastHeartbeatNanos = System.nanoTime();
    }

    /** Nanoseconds since the event loop last came round to its heartbeat, which is due twice a second. */
    public long silentNanos() {
        return System.nanoTime() - lastHeartbeatNanos;
    }

    /** What this worker counted. */
    public WorkerCounters counters() {
        return counters;
    }

    /** True while all its channels are open. */
    public boolean isIntact() {
        return channels.stream().allMatch(Channel::isOpen);
    }

    /** Closes its channels, and with them the queue and the listening sockets. */
    public void stop() {
        stopping = true;
        channels.forEach(channel -> channel.close().syncUninterruptibly());
    }
}
