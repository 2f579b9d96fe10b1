package net.fougateway.takeover;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import net.fougateway.linux.DescriptorSocket;
import net.fougateway.linux.LinuxException;
import net.fougateway.tun.DeviceLock;

/** The gateway that runs, seen by the one that takes its place. It carries packets until {@link #pause}, and goes on if this one dies. */
public final class Predecessor implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final DescriptorSocket conversation;
    private final Handover handover;

    private Predecessor(DescriptorSocket conversation, Handover handover) {
        this.conversation = conversation;
        this.handover = handover;
    }

    /**
     * Asks the gateway that has a device for all it has.
     *
     * @return nothing when no gateway has it
     * @throws LinuxException when it does not hand over; the message says why
     */
    public static Optional<Predecessor> find(String device) throws LinuxException {
        Optional<DescriptorSocket> conversation = DeviceLock.holder(device);
        if (conversation.isEmpty()) {
            return Optional.empty();
        }
        try {
            conversation.get().send(Successor.TAKE, List.of());
            return Optional.of(new Predecessor(conversation.get(), HandoverReader.read(conversation.get())));
        } catch (LinuxException e) {
            conversation.get().close();
            throw e;
        }
    }

    /** What it hands over; the descriptors are the caller's. */
    public Handover handover() {
        return handover;
    }

    /**
     * Has it carry no more packets: they wait in the queues and sockets.
     *
     * @return what it has learned until then; nothing when it has died
     * @throws LinuxException when it goes on instead
     */
    public Optional<Handover.Memory> pause() throws LinuxException {
        return send(Successor.READY) ? HandoverReader.readMemory(conversation) : Optional.empty();
    }

    /** Tells it that this one carries them now; false when it has gone on, or has died. */
    public boolean carrying() {
        return send(Successor.CARRYING);
    }

    private boolean send(String word) {
        try {
            conversation.send(word, List.of());
            return true;
        } catch (LinuxException e) {
            return false;
        }
    }

    /** Waits until it has let go of what only one can have, such as the admin port; not for ever. */
    public void awaitEnd() {
        try {
            conversation.receive(PATIENCE);
        } catch (LinuxException e) {
            // It takes long; who needs what it has says so.
        }
    }

    @Override
    public void close() {
        conversation.close();
    }
}
