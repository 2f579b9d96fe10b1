package net.fougateway.takeover;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import net.fougateway.linux.DescriptorSocket;
import net.fougateway.linux.LinuxException;
import net.fougateway.tun.DeviceLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The gateway that takes this one's place, seen by this one. Nothing of this one changes until the other carries packets; if that dies before,
 * or takes too long, this one goes on.
 */
public final class Successor implements AutoCloseable {

    /** What there is to be handed over. */
    public interface Estate {

        /** All of it, as it is now. */
        Handover handover();

        /** Carries no more packets, and answers what was learned until then. */
        Handover.Memory pause();

        /** Carries packets again. */
        void resume();

        /** Another process carries them: everything is its now, and stays as it is. */
        void handedOver();
    }

    /** Words of the conversation; the number is that of the version that both speak. */
    static final String TAKE = "take 1";

    static final String READY = "ready";
    static final String CARRYING = "carrying";

    private static final Logger log = LoggerFactory.getLogger(Successor.class);
    private static final Duration WAIT = Duration.ofMillis(500);
    private static final Duration TO_ASK = Duration.ofSeconds(2);
    private static final Duration TO_PREPARE = Duration.ofMinutes(2);
    private static final Duration TO_CARRY = Duration.ofSeconds(3);
    private static final int ROOT = 0;

    private final DeviceLock lock;
    private final int ownUid;
    private final Estate estate;
    private Optional<DescriptorSocket> heir = Optional.empty();

    /** None has come yet. */
    public Successor(DeviceLock lock, int ownUid, Estate estate) {
        this.lock = lock;
        this.ownUid = ownUid;
        this.estate = estate;
    }

    /** Waits a moment for one to come, and hands over. */
    public void round() throws LinuxException {
        Optional<DescriptorSocket> arrived = lock.accept(WAIT);
        if (arrived.isPresent()) {
            try {
                heir = handOver(arrived.get()) ? arrived : Optional.empty();
            } catch (LinuxException e) {
                log.warn("another gateway wanted to take over, and did not; this one goes on: {}", e.getMessage());
            } finally {
                if (heir.isEmpty()) {
                    arrived.get().close();
                }
            }
        }
    }

    /** True when the other carries packets; then the conversation stays open, so that its end tells that this one has let go of all. */
    private boolean handOver(DescriptorSocket with) throws LinuxException {
        String refusal = refusal(with);
        if (!refusal.isEmpty()) {
            log.warn("another gateway is refused: {}", refusal);
            with.send(HandoverWriter.REFUSED + "\t" + refusal + "\n" + HandoverWriter.END + "\n", List.of());
            return false;
        }
        HandoverWriter.write(estate.handover(), with);
        if (!hears(with, READY, TO_PREPARE)) {
            log.warn("another gateway wanted to take over, and died before; this one goes on");
            return false;
        }
        boolean over = false;
        try {
            over = passOn(with);
        } finally {
            if (over) {
                estate.handedOver();
            } else {
                estate.resume();
                log.warn("another gateway wanted to take over, and died while it did; this one goes on");
            }
        }
        return over;
    }

    /** Tells who has taken over that all is let go of. */
    @Override
    public void close() {
        heir.ifPresent(DescriptorSocket::close);
    }

    private String refusal(DescriptorSocket with) throws LinuxException {
        int uid = with.peerUid();
        if (uid != ownUid && uid != ROOT) {
            return "it runs as user " + uid + ", this one as " + ownUid;
        }
        return hears(with, TAKE, TO_ASK) ? "" : "it speaks another version of the protocol";
    }

    private boolean passOn(DescriptorSocket with) throws LinuxException {
        try {
            HandoverWriter.write(estate.pause(), with);
            return hears(with, CARRYING, TO_CARRY);
        } catch (LinuxException e) {
            with.endReceiving();
            return hears(with, CARRYING, Duration.ZERO);
        }
    }

    private static boolean hears(DescriptorSocket from, String word, Duration patience) throws LinuxException {
        return from.receive(patience)
                .filter(message -> message.text().equals(word))
                .isPresent();
    }
}
