package net.fougateway.admin;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.Errors;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import net.fougateway.linux.Errno;

/** A socket on which the admin port takes connections. A Unix socket may be opened by root and by the gateway's user and group. */
final class ListeningSocket implements AutoCloseable {

    private static final int BACKLOG = 1024;
    private static final long TENTATIVE_NANOS = TimeUnit.SECONDS.toNanos(4);
    private static final long TENTATIVE_POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final String UNIX_PERMISSIONS = "rw-rw----";

    private final Channel channel;
    private final SocketAddress address;

    private ListeningSocket(Channel channel, SocketAddress address) {
        this.channel = channel;
        this.address = address;
    }

    /**
     * Binds and accepts from now on.
     *
     * @param accepted prepares each connection
     * @throws IOException when it cannot be bound; the message says what to do
     */
    static ListeningSocket open(SocketAddress address, EventLoopGroup loop, ChannelHandler accepted)
            throws IOException {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loop)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.AUTO_READ, false)
                .childHandler(accepted);
        return address instanceof UnixDomainSocketAddress unix
                ? unix(bootstrap, unix.getPath())
                : tcp(bootstrap, (InetSocketAddress) address);
    }

    private static ListeningSocket tcp(ServerBootstrap bootstrap, InetSocketAddress address) throws IOException {
        bootstrap.channel(EpollServerSocketChannel.class).option(ChannelOption.SO_REUSEADDR, true);
        try {
            Channel channel = bindTcp(bootstrap, address);
            return new ListeningSocket(channel, channel.localAddress());
        } catch (IOException e) {
            throw refused(NetUtil.toSocketAddressString(address), remedy(e, address.getPort()), e);
        }
    }

    /** Waits for an IPv6 address that is tentative, as it is for a second or two after it was given to a device. */
    private static Channel bindTcp(ServerBootstrap bootstrap, InetSocketAddress address) throws IOException {
        long end = System.nanoTime() + (address.getAddress() instanceof Inet6Address ? TENTATIVE_NANOS : 0);
        while (true) {
            try {
                return bind(bootstrap, address);
            } catch (IOException e) {
                if (!Errno.EADDRNOTAVAIL.is(errno(e)) || System.nanoTime() > end) {
                    throw e;
                }
            }
            LockSupport.parkNanos(TENTATIVE_POLL_NANOS);
        }
    }

    private static ListeningSocket unix(ServerBootstrap bootstrap, Path path) throws IOException {
        bootstrap.channel(EpollServerDomainSocketChannel.class);
        try {
            removeStale(path);
            Channel channel = bind(bootstrap, new DomainSocketAddress(path.toString()));
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(UNIX_PERMISSIONS));
            return new ListeningSocket(channel, UnixDomainSocketAddress.of(path));
        } catch (IOException e) {
            throw refused("unix:" + path, remedy(e, path), e);
        }
    }

    /** What a gateway that was killed has left. */
    private static void removeStale(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .isOther()) {
            throw new IOException("there is a file of this name, and it is no socket");
        }
        if (answers(path)) {
            throw new IOException("another program answers there");
        }
        Files.delete(path);
    }

    private static boolean answers(Path path) throws IOException {
        try (SocketChannel socket = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return socket.connect(UnixDomainSocketAddress.of(path));
        } catch (SocketException refused) {
            return false;
        }
    }

    private static Channel bind(ServerBootstrap bootstrap, SocketAddress address) throws IOException {
        ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
        if (bound.isSuccess()) {
            return bound.channel();
        }
        throw bound.cause() instanceof IOException failure ? failure : new IOException(bound.cause());
    }

    /** Where it listens; the port that was found where 0 was asked for. */
    SocketAddress address() {
        return address;
    }

    /** Also removes the file of a Unix socket. */
    @Override
    public void close() {
        channel.close().syncUninterruptibly();
    }

    private static int errno(Throwable failure) {
        return failure instanceof Errors.NativeIoException known ? -known.expectedErr() : 0;
    }

    private static IOException refused(String address, String remedy, IOException failure) {
        int errno = errno(failure);
        String why = errno == 0 ? failure.getMessage() : Errno.text(errno);
        return new IOException(
                "cannot serve metrics and status at %s: %s: %s".formatted(address, why, remedy), failure);
    }

    private static String remedy(IOException failure, int port) {
        return switch (Errno.nameOf(errno(failure))) {
            case "EADDRINUSE" ->
                "see who has it with 'ss -tlnp sport = :%d', or give another port in admin.listen".formatted(port);
            case "EADDRNOTAVAIL" ->
                "no device has this address, or lo is down: see 'ip address', or give another in admin.listen";
            case "EACCES" ->
                "ports below the sysctl net.ipv4.ip_unprivileged_port_start need the capability NET_BIND_SERVICE: "
                        + "give a higher port in admin.listen";
            case "EMFILE" -> "raise the limit (shell: ulimit -n; systemd: LimitNOFILE=), or lower source_ports.sockets";
            default -> "give a free address and port in admin.listen";
        };
    }

    private static String remedy(IOException failure, Path path) {
        boolean missing = path.getParent() != null && !Files.isDirectory(path.getParent());
        if (missing) {
            return "there is no directory " + path.getParent()
                    + ": make it (systemd: RuntimeDirectory=), or give another path in admin.listen";
        }
        return failure instanceof AccessDeniedException || Errno.EACCES.is(errno(failure))
                ? "let the gateway's user write to " + path.getParent() + ", or give another path in admin.listen"
                : "give the path of no other file in admin.listen";
    }
}
