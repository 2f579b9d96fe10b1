package net.fougateway.path;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.fougateway.capture.Captures;
import net.fougateway.capture.Tap;
import net.fougateway.codec.Coalescer;
import net.fougateway.codec.Direction;
import net.fougateway.codec.FlowHash;
import net.fougateway.icmp.IcmpChannel;
import net.fougateway.icmp.IcmpSocket;
import net.fougateway.linux.Libc;
import net.fougateway.metrics.OffloadState;
import net.fougateway.metrics.WorkerCounters;
import net.fougateway.route.HostAddresses;
import net.fougateway.tun.TunChannel;
import net.fougateway.tun.TunDevice;
import net.fougateway.tun.TunOffloads;
import net.fougateway.udp.KernelUdp;
import net.fougateway.udp.ReceiveBatch;
import net.fougateway.udp.SendBatch;
import net.fougateway.udp.UdpChannel;
import net.fougateway.udp.UdpListener;
import net.fougateway.udp.UdpSystemCalls;

/** One event loop with one TUN queue and one UDP socket for each port: packets of a flow never leave it. */
public final class Worker {

    /**
     * What all workers share.
     *
     * @param gso whether {@code UDP_SEGMENT} is used
     * @param ours the host's own addresses
     * @param captures what looks at packets
     * @param end called with the reason when the gateway cannot go on: a queue or socket was lost, or an {@link Error} happened
     */
    public record Shared(
            FlowHash flowHash,
            TunDevice device,
            TunOffloads tunOffloads,
            OffloadState gso,
            HostAddresses ours,
            Captures captures,
            Consumer<String> end) {}

    /**
     * The worker's own sockets.
     *
     * @param listeners at least one
     * @param icmp of one worker; those of the others have none
     */
    public record Sockets(List<UdpListener> listeners, List<IcmpSocket> icmp) {

        private Set<Integer> descriptors() {
            return Stream.concat(
                            listeners.stream().map(UdpListener::fd),
                            icmp.stream().map(IcmpSocket::fd))
                    .collect(Collectors.toCollection(HashSet::new));
        }
    }

    private static final int MAX_PACKETS_IN_BATCH = 4096;
    private static final long HEARTBEAT_MILLIS = 500;
    private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private final WorkerCounters counters;
    /** The newest first: those that bring packets in are closed before the queue that they go to. */
    private final Deque<Channel> channels = new ArrayDeque<>();

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
     * @param sockets its own; with the queue they belong to the worker from now on, also when it cannot start
     * @param forwarding to begin with
     */
    public static Worker start(EventLoop loop, Shared shared, int queue, Sockets sockets, Forwarding forwarding) {
        Worker worker = new Worker(loop, forwarding);
        Set<Integer> orphans = sockets.descriptors();
        orphans.add(shared.device().queues().get(queue));
        try {
            worker.open(shared, queue, sockets, forwarding, orphans);
            return worker;
        } catch (Throwable e) {
            worker.stop();
            orphans.forEach(Libc::close);
            throw e;
        }
    }

    private void open(Shared shared, int queue, Sockets sockets, Forwarding forwarding, Set<Integer> orphans) {
        Accidents accidents = new Accidents(shared.end());
        Tap tap = new Tap(shared.captures());
        UdpSystemCalls kernel = new KernelUdp();
        int fd = shared.device().queues().get(queue);
        TunChannel tun = adopt(new TunChannel(fd, shared.device().name()), fd, orphans);
        Coalescer coalescer = shared.tunOffloads().coalescer(MAX_PACKETS_IN_BATCH);
        Books in = new Books(Direction.UDP_TO_TUN, counters, tap, accidents);
        udpToTun = new UdpToTun(tun.queue(), coalescer, forwarding, in, accidents);
        ReceiveBatch received = new ReceiveBatch(kernel);
        for (UdpListener listener : sockets.listeners()) {
            adopt(new UdpChannel(listener, received), listener.fd(), orphans)
                    .pipeline()
                    .addLast(udpToTun);
        }
        SenderNotices notices = new SenderNotices(tun.queue(), counters);
        underlayErrors = new UnderlayErrors(forwarding, shared.flowHash(), shared.ours(), notices, counters, accidents);
        for (IcmpSocket socket : sockets.icmp()) {
            adopt(new IcmpChannel(socket), socket.fd(), orphans).pipeline().addLast(underlayErrors);
        }
        Books out = new Books(Direction.TUN_TO_UDP, counters, tap, accidents);
        Outbox outbox = new Outbox(new SendBatch(kernel), shared.flowHash(), shared.gso(), out);
        tunToUdp = new TunToUdp(outbox, forwarding, notices, out, accidents);
        tun.pipeline().addLast(tunToUdp);
        run(shared.end());
    }

    private <C extends Channel> C adopt(C channel, int fd, Set<Integer> orphans) {
        orphans.remove(fd);
        channels.push(channel);
        return channel;
    }

    private void run(Consumer<String> end) {
        channels.forEach(channel -> loop.register(channel).syncUninterruptibly());
        channels.forEach(channel -> channel.closeFuture().addListener(closed -> channelClosed(channel, end)));
        loop.scheduleAtFixedRate(this::beat, 0, HEARTBEAT_MILLIS, TimeUnit.MILLISECONDS);
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

    private void channelClosed(Channel channel, Consumer<String> end) {
        if (!stopping) {
            end.accept(
                    channel instanceof TunChannel
                            ? "the device was deleted by somebody else"
                            : "the socket " + channel.localAddress() + " was lost");
        }
    }

    private void beat() {
        lastHeartbeatNanos = System.nanoTime();
    }

    /** Nanoseconds since the event loop last came round to its heartbeat, which is due twice a second. */
    public long silentNanos() {
        return System.nanoTime() - lastHeartbeatNanos;
    }

    /** What this worker counts; each number as it was a moment ago. */
    public WorkerCounters counters() {
        return counters;
    }

    /**
     * What the workers have counted, each between two of its batches, so that its sums close; only of a worker that does not come round
     * soon, as when it hangs or has ended, as it is at this moment. Not to be called on an event loop of theirs.
     */
    public static List<WorkerCounters> copiesOfCounters(List<Worker> workers) {
        long end = System.nanoTime() + PATIENCE_NANOS;
        List<Optional<Future<WorkerCounters>>> copies =
                workers.stream().map(Worker::copyOfCounters).toList();
        return IntStream.range(0, workers.size())
                .mapToObj(i -> copies.get(i)
                        .filter(copy -> copy.awaitUninterruptibly(end - System.nanoTime(), TimeUnit.NANOSECONDS))
                        .map(Future::getNow)
                        .orElse(workers.get(i).counters))
                .toList();
    }

    private Optional<Future<WorkerCounters>> copyOfCounters() {
        try {
            return Optional.of(loop.submit(counters::copy));
        } catch (RejectedExecutionException ended) {
            return Optional.empty();
        }
    }

    /** True while all its channels are open. */
    public boolean isIntact() {
        return channels.stream().allMatch(Channel::isOpen);
    }

    /** Closes its channels, and with them the queue and the listening sockets. */
    public void stop() {
        stopping = true;
        channels.forEach(Worker::close);
    }

    private static void close(Channel channel) {
        if (channel.isRegistered()) {
            channel.close().syncUninterruptibly();
        } else {
            channel.unsafe().closeForcibly();
        }
    }
}
