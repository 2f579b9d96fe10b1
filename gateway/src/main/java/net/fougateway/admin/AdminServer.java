package net.fougateway.admin;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketChannel;
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
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import net.fougateway.capture.Captures;
import net.fougateway.config.WebAccess;
import net.fougateway.metrics.EventLoops;
import net.fougateway.metrics.MetricsPage;
import net.fougateway.metrics.Snapshot;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The admin port: HTTP on an event loop of its own, which no worker shares, on TCP and Unix sockets. What {@link Pages} takes time to answer
 * is answered on threads of its own; {@code /livez} is answered at once. Requests have no body, limits hold for their size and for the time
 * that a client may take to write and to read, and connections that keep silent give way to others, see {@link Connections}.
 */
public final class AdminServer implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(AdminServer.class);

    /** One may wait for packets to show. */
    private static final int THREADS = 3;

    private static final int MOST_WAITING_REQUESTS = 64;
    private static final int MOST_CONNECTIONS = 256;
    private static final int MOST_CONNECTIONS_FROM_ONE = 192;
    private static final int LINE_BYTES = 4096;
    private static final int HEADERS_BYTES = 16_384;
    private static final int COMPRESSED_FROM_BYTES = 1024;
    /** Longer than any interval at which Prometheus asks. */
    private static final int IDLE_SECONDS = 300;

    private static final int WRITE_SECONDS = 10;

    private final Connections strangers;
    private final Connections locals;
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
    private final Refusals refusals;
    private final List<ListeningSocket> sockets = new ArrayList<>();
    private volatile Access access;

    /**
     * Binds and answers from now on.
     *
     * @param addresses where to listen; port 0 takes a free one
     * @param webAccess who may ask over TCP
     * @param snapshots asked once for each request, on a thread of the server
     * @param captures show packets to root and to the gateway's own user on this host
     * @param refusals are counted here
     * @throws IOException when an address cannot be bound; the message says what to do
     */
    public AdminServer(
            List<SocketAddress> addresses,
            WebAccess webAccess,
            Supplier<Snapshot> snapshots,
            Captures captures,
            Refusals refusals)
            throws IOException {
        pages = new Pages(snapshots, captures);
        this.refusals = refusals;
        strangers = new Connections(MOST_CONNECTIONS, MOST_CONNECTIONS_FROM_ONE, refusals);
        locals = new Connections(MOST_CONNECTIONS, MOST_CONNECTIONS, refusals);
        access = new Access(webAccess);
        try {
            for (SocketAddress address : addresses) {
                sockets.add(ListeningSocket.open(address, loop, new Initializer()));
            }
            pages.metrics().watch(new EventLoops("admin", loop));
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * Makes sure that addresses can be had, and lets go of them again.
     *
     * @throws IOException as the constructor
     */
    public static void requireFree(List<SocketAddress> addresses) throws IOException {
        EventLoopGroup probes = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        try {
            for (SocketAddress address : addresses) {
                ListeningSocket.open(address, probes, new ChannelInboundHandlerAdapter())
                        .close();
            }
        } finally {
            probes.shutdownGracefully(0, 500, TimeUnit.MILLISECONDS);
        }
    }

    /** How an address is written. */
    public static String text(SocketAddress address) {
        return address instanceof InetSocketAddress internet
                ? NetUtil.toSocketAddressString(internet)
                : address.toString();
    }

    /** Where it listens, in the order asked for. */
    public List<SocketAddress> addresses() {
        return sockets.stream().map(ListeningSocket::address).toList();
    }

    /** Makes the first page of metrics beside all else, because the first takes longest: each series becomes a meter then. */
    public void prepareMetrics() {
        threads.execute(() -> {
            try {
                pages.metrics().render(null);
            } catch (RuntimeException e) {
                log.debug("the first page of metrics is left to whoever asks: {}", e.toString());
            }
        });
    }

    /** The page {@code /metrics}, which the server closes. */
    public MetricsPage metrics() {
        return pages.metrics();
    }

    /**
     * Goes on with others who may ask: who waits must come anew, who is being answered is answered and then must come anew.
     *
     * @return false when they are the same
     */
    public boolean use(WebAccess webAccess) {
        Access before = access;
        if (before.isOf(webAccess)) {
            return false;
        }
        access = new Access(webAccess);
        before.close();
        loop.execute(strangers::closeAll);
        return true;
    }

    @Override
    public void close() {
        sockets.forEach(ListeningSocket::close);
        access.close();
        threads.shutdownNow();
        pages.metrics().close();
        loop.shutdownGracefully(0, 500, TimeUnit.MILLISECONDS).awaitUninterruptibly();
    }

    private final class Initializer extends ChannelInitializer<Channel> {

        @Override
        protected void initChannel(Channel channel) {
            if (channel instanceof DomainSocketChannel) {
                speakHttp(channel, Request.Protection.UNIX, locals);
                return;
            }
            access.tls(channel.alloc())
                    .ifPresentOrElse(
                            tls -> {
                                channel.pipeline()
                                        .addLast(new PlainHttp(refusals))
                                        .addLast(tls);
                                speakHttp(channel, Request.Protection.TLS, strangers);
                            },
                            () -> speakHttp(channel, Request.Protection.PLAIN, strangers));
        }

        private void speakHttp(Channel channel, Request.Protection protection, Connections connections) {
            AdminConnection connection = new AdminConnection(
                    pages::answer, threads, connections, new Gatekeeper(protection, access, () -> access, refusals));
            HttpDecoderConfig limits =
                    new HttpDecoderConfig().setMaxInitialLineLength(LINE_BYTES).setMaxHeaderSize(HEADERS_BYTES);
            channel.pipeline()
                    .addLast(new IdleStateHandler(0, 0, IDLE_SECONDS))
                    .addLast(new WriteTimeoutHandler(WRITE_SECONDS))
                    .addLast(new FirstByte(connection))
                    .addLast(new HttpServerCodec(limits))
                    .addLast(new HttpContentCompressor(
                            COMPRESSED_FROM_BYTES,
                            StandardCompressionOptions.gzip(),
                            StandardCompressionOptions.deflate()))
                    .addLast(new FlowControlHandler())
                    .addLast(connection);
        }
    }
}
