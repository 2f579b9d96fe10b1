package net.fougateway.engine;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import net.fougateway.icmp.IcmpChannel;
import net.fougateway.icmp.IcmpSocket;
import net.fougateway.metrics.WorkerCounters;
import net.fougateway.path.BothWays;
import net.fougateway.path.Forwarding;
import net.fougateway.tun.TunChannel;
import net.fougateway.tun.TunDevice;
import net.fougateway.tun.TunOffloads;
import net.fougateway.udp.KernelUdp;
import net.fougateway.udp.ReceiveBatch;
import net.fougateway.udp.UdpChannel;
import net.fougateway.udp.UdpListener;
import net.fougateway.udp.UdpSystemCalls;

/** One event loop with one TUN queue and one UDP socket for each port: packets of a flow never leave it. */
final class Worker {

    /**
     * Where the worker's packets come and go.
     *
     * @param queue index of its queue of the device
     */
    record Borders(TunDevice device, int queue, ListeningSockets sockets) {}

    private static final int MAX_PACKETS_IN_BATCH = 4096;
    private static final long HEARTBEAT_MILLIS = 500;
    private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    /** The newest first: those that bring packets in are closed before the queue that they go to. */
    private final Deque<Channel> channels = new ArrayDeque<>();

    private volatile boolean stopping;
    private volatile long lastHeartbeatNanos = System.nanoTime();

    private final EventLoop loop;
    private BothWays ways;

    /** One that carries nothing yet. */
    Worker(EventLoop loop) {
        this.loop = loop;
    }

    /**
     * Makes all ready to carry packets, see {@link #carry}. The queue and the sockets belong to the worker as soon as it has taken them.
     *
     * @param forwarding to begin with
     */
    void start(Borders borders, TunOffloads offloads, BothWays.Shared shared, Forwarding forwarding) {
        UdpSystemCalls kernel = new KernelUdp();
        TunChannel tun = new TunChannel(
                borders.device().take(borders.queue()), borders.device().name());
        channels.push(tun);
        ways = new BothWays(tun.queue(), kernel, offloads.coalescer(MAX_PACKETS_IN_BATCH), shared, forwarding);
        ReceiveBatch received = new ReceiveBatch(kernel);
        for (UdpListener listener : borders.sockets().listeners(borders.queue())) {
            adopt(new UdpChannel(listener, received), listener.fd(), borders.sockets())
                    .pipeline()
                    .addLast(ways.fromUdp());
        }
        for (IcmpSocket socket : borders.sockets().icmpSockets(borders.queue())) {
            adopt(new IcmpChannel(socket), socket.fd(), borders.sockets())
                    .pipeline()
                    .addLast(ways.fromIcmp());
        }
        tun.pipeline().addLast(ways.fromTun());
        run(shared.end());
    }

    private Channel adopt(Channel channel, int fd, ListeningSockets sockets) {
        channels.push(channel);
        sockets.take(fd);
        return channel;
    }

    private void run(Consumer<String> end) {
        channels.forEach(channel -> channel.config().setAutoRead(false));
        channels.forEach(channel -> loop.register(channel).syncUninterruptibly());
        channels.forEach(channel -> channel.closeFuture().addListener(closed -> channelClosed(channel, end)));
        loop.scheduleAtFixedRate(this::beat, 0, HEARTBEAT_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Begins to carry packets, or goes on. */
    void carry() {
        channels.forEach(channel -> channel.config().setAutoRead(true));
    }

    /** Carries no more packets, which wait in the queue and the sockets; when this returns the last one is under way. */
    void pause() {
        channels.forEach(channel -> channel.config().setAutoRead(false));
        loop.submit(() -> {}).syncUninterruptibly();
    }

    /** Notes when peers were last heard, by name. */
    void remember(Map<String, Long> lastReceiveMillis) {
        loop.execute(() -> ways.counters().peers().remember(lastReceiveMillis));
    }

    /** Goes on with other peers, between two batches; complete when it has. */
    Future<?> use(Forwarding forwarding) {
        return loop.submit(() -> ways.use(forwarding));
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
    long silentNanos() {
        return System.nanoTime() - lastHeartbeatNanos;
    }

    /**
     * What the workers have counted, each between two of its batches, so that its sums close; only of a worker that does not come round
     * soon, as when it hangs or has ended, as it is at this moment. Not to be called on an event loop of theirs.
     */
    static List<WorkerCounters> copiesOfCounters(List<Worker> workers) {
        long end = System.nanoTime() + PATIENCE_NANOS;
        List<Optional<Future<WorkerCounters>>> copies =
                workers.stream().map(Worker::copyOfCounters).toList();
        return IntStream.range(0, workers.size())
                .mapToObj(i -> copies.get(i)
                        .filter(copy -> copy.awaitUninterruptibly(end - System.nanoTime(), TimeUnit.NANOSECONDS))
                        .map(Future::getNow)
                        .orElse(workers.get(i).ways.counters()))
                .toList();
    }

    private Optional<Future<WorkerCounters>> copyOfCounters() {
        try {
            return Optional.of(loop.submit(ways.counters()::copy));
        } catch (RejectedExecutionException ended) {
            return Optional.empty();
        }
    }

    /** True while all its channels are open. */
    boolean isIntact() {
        return channels.stream().allMatch(Channel::isOpen);
    }

    /** Closes its channels, and with them the queue and the listening sockets. */
    void stop() {
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
