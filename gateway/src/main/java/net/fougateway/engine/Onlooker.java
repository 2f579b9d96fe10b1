package net.fougateway.engine;

import java.time.Instant;
import net.fougateway.capture.Border;
import net.fougateway.capture.CapturedPacket;
import net.fougateway.capture.Captures;
import net.fougateway.codec.Direction;
import net.fougateway.ebpf.Sights;
import net.fougateway.linux.LinuxException;

/** While somebody captures, shows what programs in the kernel take: inner packets, of which it has the first 2,048 bytes. Belongs to one thread. */
final class Onlooker {

    /** Between two rounds. */
    static final long PERIOD_MILLIS = 50;

    private final FastPath path;
    private final Captures captures;
    private Sights sights;
    private long unseen;

    Onlooker(FastPath path, Captures captures) {
        this.path = path;
        this.captures = captures;
    }

    /** Begins, goes on, or ends. */
    void round() throws LinuxException {
        boolean wanted = captures.want(null);
        if (wanted && sights == null) {
            sights = path.sights();
            unseen = path.unseen();
            path.show(true);
        }
        if (sights == null) {
            return;
        }
        sights.take(this::show);
        long now = path.unseen();
        captures.missed(now - unseen);
        unseen = now;
        if (!wanted) {
            path.show(false);
            sights.close();
            sights = null;
        }
    }

    private void show(Sights.Sight sight) {
        captures.show(new CapturedPacket(
                Instant.now().minusNanos(System.nanoTime() - sight.nanos()),
                Border.TUN,
                sight.out() ? Direction.TUN_TO_UDP : Direction.UDP_TO_TUN,
                null,
                sight.packet(),
                sight.lengthBytes()));
    }
}
