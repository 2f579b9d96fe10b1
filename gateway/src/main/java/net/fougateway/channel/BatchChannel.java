package net.fougateway.channel;

import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.net.SocketAddress;

/**
 * A Netty channel on Netty's epoll loop whose messages are batches: what one visit to the kernel brought in. A batch is borrowed until
 * {@code channelRead} returns. Nothing is written through a channel: what goes out goes straight to the border.
 */
public abstract class BatchChannel extends AbstractChannel {

    private static final ChannelMetadata METADATA = new ChannelMetadata(false);
    private static final int READS_PER_WAKE_UP = 4;

    private final FileDescriptor fd;
    private final SocketAddress localAddress;
    private final ChannelConfig config = new PausingConfig();
    private IoRegistration registration;
    private boolean reading;

    /**
     * A channel around an open file descriptor.
     *
     * @param fd non-blocking; the channel owns it
     * @param localAddress what the channel calls itself
     */
    protected BatchChannel(int fd, SocketAddress localAddress) {
        super(null);
        this.fd = new FileDescriptor(fd);
        this.localAddress = localAddress;
    }

    /**
     * Reads one batch without waiting.
     *
     * @return the batch, valid until the next call, or {@code null} when there was nothing to read
     * @throws IOException when the descriptor is of no more use
     */
    protected abstract Object readBatch() throws IOException;

    /** True when the last batch filled all room, so that more may be waiting. */
    protected abstract boolean wasFull();

    /** The descriptor of this channel. */
    protected final FileDescriptor fd() {
        return fd;
    }

    private void readReady() {
        try {
            for (int i = 0; i < READS_PER_WAKE_UP && reading; i++) {
                Object batch = readBatch();
                if (batch == null) {
                    break;
                }
                pipeline().fireChannelRead(batch);
                if (!wasFull()) {
                    break;
                }
            }
            pipeline().fireChannelReadComplete();
        } catch (IOException e) {
            pipeline().fireExceptionCaught(e);
            unsafe().close(voidPromise());
        } catch (RuntimeException | Error e) {
            pipeline().fireExceptionCaught(e);
        }
    }

    @Override
    protected final void doWrite(ChannelOutboundBuffer in) {
        throw new UnsupportedOperationException("the channel only reads");
    }

    @Override
    protected final void doRegister(ChannelPromise promise) {
        ((IoEventLoop) eventLoop()).register((BatchUnsafe) unsafe()).addListener(future -> {
            if (future.isSuccess()) {
                registration = (IoRegistration) future.getNow();
                promise.setSuccess();
            } else {
                promise.setFailure(future.cause());
            }
        });
    }

    @Override
    protected final void doBeginRead() {
        if (!reading) {
            reading = true;
            registration.submit(EpollIoOps.EPOLLIN);
        }
    }

    private void pauseReading() {
        if (reading) {
            reading = false;
            // EpollIoOps.NONE would take the descriptor out of the loop for good.
            registration.submit(EpollIoOps.EPOLLERR);
        }
    }

    @Override
    protected final void doDeregister() {
        if (registration != null) {
            registration.cancel();
        }
    }

    @Override
    protected void doClose() throws IOException {
        fd.close();
    }

    @Override
    protected final void doBind(SocketAddress address) {
        throw new UnsupportedOperationException("the channel is born bound");
    }

    @Override
    protected final void doDisconnect() throws IOException {
        doClose();
    }

    @Override
    protected final AbstractUnsafe newUnsafe() {
        return new BatchUnsafe();
    }

    @Override
    protected final boolean isCompatible(EventLoop loop) {
        return loop instanceof IoEventLoop ioLoop && ioLoop.isCompatible(BatchUnsafe.class);
    }

    @Override
    protected final SocketAddress localAddress0() {
        return localAddress;
    }

    @Override
    protected final SocketAddress remoteAddress0() {
        return null;
    }

    @Override
    public final ChannelConfig config() {
        return config;
    }

    @Override
    public final boolean isOpen() {
        return fd.isOpen();
    }

    @Override
    public final boolean isActive() {
        return fd.isOpen();
    }

    @Override
    public final ChannelMetadata metadata() {
        return METADATA;
    }

    private final class PausingConfig extends DefaultChannelConfig {

        PausingConfig() {
            super(BatchChannel.this);
        }

        @Override
        protected void autoReadCleared() {
            if (isRegistered()) {
                eventLoop().execute(BatchChannel.this::pauseReading);
            }
        }
    }

    private final class BatchUnsafe extends AbstractUnsafe implements EpollIoHandle {

        @Override
        public FileDescriptor fd() {
            return fd;
        }

        @Override
        public void handle(IoRegistration ignored, IoEvent event) {
            if (reading) {
                readReady();
            }
        }

        @Override
        public void registered() {
            // The loop needs nothing more from this handle.
        }

        @Override
        public void unregistered() {
            // The descriptor is closed by the channel.
        }

        @Override
        public void connect(SocketAddress remote, SocketAddress local, ChannelPromise promise) {
            promise.setFailure(new UnsupportedOperationException("not connected, see localAddress()"));
        }

        @Override
        public void close() {
            close(voidPromise());
        }
    }
}
