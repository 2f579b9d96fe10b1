package net.fougateway.tun;

import java.io.IOException;
import net.fougateway.channel.BatchChannel;

/** One queue of the TUN device as a Netty channel: reads {@link ReadBatch}es. */
public final class TunChannel extends BatchChannel {

    private final ReadBatch batch = new ReadBatch();
    private final TunQueue queue = new KernelTunQueue(fd());

    /**
     * A channel that owns the descriptor of a queue.
     *
     * @param device name of the device
     */
    public TunChannel(int fd, String device) {
        super(fd, new TunAddress(device));
    }

    @Override
    protected Object readBatch() throws IOException {
        return batch.read(queue) == 0 ? null : batch;
    }

    @Override
    protected boolean wasFull() {
        return batch.wasFull();
    }

    /** The queue, for what is written to it on the channel's event loop; nothing may be written once the channel is closed. */
    public TunQueue queue() {
        return queue;
    }
}
