package net.fougateway.udp;

import java.io.IOException;
import java.net.InetSocketAddress;
import net.fougateway.channel.BatchChannel;

/**
 * The UDP border as a Netty channel: reads {@link ReceiveBatch}es from a listening socket.
 */
public final class UdpChannel extends BatchChannel {

    private final ReceiveBatch batch;
    private final UdpListener listener;

    /**
     * A channel that owns the listener's descriptor.
     *
     * @param batch memory to receive into, shared by the channels of one event loop
     */
    public UdpChannel(UdpListener listener, ReceiveBatch batch) {
        super(listener.fd(), new InetSocketAddress(listener.address(), listener.port()));
        this.batch = batch;
        this.listener = listener;
    }

    @Override
    protected Object readBatch() throws IOException {
        return batch.receive(listener) == 0 ? null : batch;
    }

    @Override
    protected boolean wasFull() {
        return batch.wasFull();
    }
}
