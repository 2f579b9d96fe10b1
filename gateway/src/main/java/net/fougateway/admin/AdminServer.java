package net.fougateway.admin;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.unix.Errors;
import io.netty.handler.codec.compression.StandardCompressionOptions;
import io.netty.handler.codec.http.HttpContentCompressor;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.flow.FlowControlHandler;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.handler.timeout.WriteTimeoutHandler;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import net.fougateway.capture.Captures;
import net.fougateway.linux.Errno;
import net.fougateway.metrics.Snapshot;

/**
 * The admin port: HTTP on an event loop of its own, which no worker shares. What {@link Pages} takes time to answer is answered on
 * threads of its own; {@code /livez} is answered at once. Requests have no body, limits hold for their size and for the time that a client
 * may take to write and to read, and connections that keep silent give way to others, see {@link Connections}.
 */
public final class AdminServer implements AutoCloseable {

    /** One may wait for packets to show. */
    private static final int THREADS = 3;

    private static final int MOST_WAITING_REQUESTS = 64;
    private static final int MOST_CONNECTIONS = 256;
    private static final int MOST_CONNECTIONS_FROM_ONE = 192;
    private static final int BACKLOG = 1024;
    private static final int LINE_BYTES = 4096;
    private static final int HEADERS_BYTES = 16_384;
    private static final int COMPRESSED_FROM_BYTES = 1024;
    /** Longer than any interval at which Prometheus asks. */
    private static final int IDLE_SECONDS = 300;

    private static final int WRITE_SECONDS = 10;
    private static final long TENTATIVE_NANOS = TimeUnit.SECONDS.toNanos(4);
    private static final long TENTATIVE_POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Connections connections = new Connections(MOST_CONNECTIONS, MOST_CONNECTIONS_FROM_ONE);
    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("admin-loop", true), EpollIoHandler.newFactory());
    private final ThreadPoolExecutor threads = new ThreadPoolExecutor(
            THREADS,
            THREADS,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MOST_WAITING_REQUESTS),
            new DefaultThreadFactory("admin", true));
    private final Pages pages;
    private final Channel server;

    /**
     * Binds and answers from now on.
     *
     * @param address where to listen; port 0 takes a free one
     * @param snapshots asked once for each request, on a thread of the server
     * @param captures show packets to root and to the gateway's own user on this host
     * @throws IOException when the address cannot be bound; the message says what to do
     */
    public AdminServer(InetSocketAddress address, Supplier<Snapshot> snapshots, Captures captures) throws IOException {
        pages = new Pages(snapshots, captures);
        try {
            server = bind(address);
        } catch (IOException e) {
            close(loop, threads);
            throw refused(address, e);
        }
    }

    /** The address it listens on. */
    public InetSocketAddress address() {
        return (InetSocketAddress) server.localAddress();
    }

    @Override
    public void close() {
        server.close().syncUninterruptibly();
        close(loop, threads);
    }

    private static void close(EventLoopGroup loop, ThreadPoolExecutor threads) {
        threads.shutdownNow();
        loop.shutdownGracefully(0, 500, TimeUnit.MILLISECONDS).awaitUninterruptibly();
    }

    /** Waits for an IPv6 address that is tentative, as it is for a second or two after it was given to a device. */
    private Channel bind(InetSocketAddress address) throws IOException {
        long end = System.nanoTime() + (address.getAddress() instanceof Inet6Address ? TENTATIVE_NANOS : 0);
        ServerBootstrap bootstrap = bootstrap();
        while (true) {
            ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
            if (bound.isSuccess()) {
                return bound.channel();
            }
            if (!Errno.EADDRNOTAVAIL.is(errno(bound.cause())) || System.nanoTime() > end) {
                throw bound.cause() instanceof IOException failure ? failure : new IOException(bound.cause());
            }
            LockSupport.parkNanos(TENTATIVE_POLL_NANOS);
        }
    }

    private static int errno(Throwable failure) {
        return failure instanceof Errors.NativeIoException known ? -known.expectedErr() : 0;
    }

    private static IOException refused(InetSocketAddress address, IOException failure) {
        int errno = errno(failure);
        String why = errno == 0 ? failure.getMessage() : Errno.text(errno);
        String remedy = switch (Errno.nameOf(errno)) {
            case "EADDRINUSE" ->
                "see who has it with 'ss -tlnp sport = :%d', or give another port in admin.listen"
                        .formatted(address.getPort());
            case "EADDRNOTAVAIL" ->
                "no device has this address, or lo is down: see 'ip address', or give another in admin.listen";
            case "EACCES" ->
                "ports below the sysctl net.ipv4.ip_unprivileged_port_start need the capability NET_BIND_SERVICE: "
                        + "give a higher port in admin.listen";
            case "EMFILE" -> "raise the limit (shell: ulimit -n; systemd: LimitNOFILE=), or lower source_ports.sockets";
            default -> "give a free address and port in admin.listen";
        };
        return new IOException(
                "cannot serve metrics and status at %s: %s: %s"
                        .formatted(NetUtil.toSocketAddressString(address), why, remedy),
                failure);
    }

    private ServerBootstrap bootstrap() {
        return new ServerBootstrap()
                .group(loop)
                .channel(EpollServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.AUTO_READ, false)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        open(channel);
                    }
                });
    }

    private void open(Channel channel) {
        AdminConnection connection = new AdminConnection(pages::answer, threads, connections);
        HttpDecoderConfig limits =
                new HttpDecoderConfig().setMaxInitialLineLength(LINE_BYTES).setMaxHeaderSize(HEADERS_BYTES);
        channel.pipeline()
                .addLast(new IdleStateHandler(0, 0, IDLE_SECONDS))
                .addLast(new WriteTimeoutHandler(WRITE_SECONDS))
                .addLast(new FirstByte(connection))
                .addLast(new HttpServerCodec(limits))
                .addLast(new HttpContentCompressor(
                        COMPRESSED_FROM_BYTES, StandardCompressionOptions.gzip(), StandardCompressionOptions.deflate()))
                .addLast(new FlowControlHandler())
                .addLast(connection);
    }
}
