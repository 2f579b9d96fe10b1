package net.fougateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import net.fougateway.metrics.Snapshots;
import org.junit.jupiter.api.Test;

class StatusLineTest {

    private final StatusLine line = new StatusLine();

    @Test
    void ratesAreThoseSinceTheLineBefore() {
        assertThat(line.next(Snapshots.idle(), 0))
                .isEqualTo("0 peers, received 0 packets/s, sent 0 packets/s, dropped 0 packets/s, 0 in all");
        assertThat(line.next(Snapshots.busy(), TimeUnit.SECONDS.toNanos(1000)))
                .endsWith("2 peers, received 1.2 k packets/s, sent 900 packets/s, dropped 0 packets/s, 19 in all");
        assertThat(line.next(Snapshots.busy(), TimeUnit.SECONDS.toNanos(1010)))
                .endsWith("received 0 packets/s, sent 0 packets/s, dropped 0 packets/s, 19 in all");
    }

    @Test
    void problemsComeFirst() {
        assertThat(line.next(Snapshots.busy(), 0))
                .startsWith("NOT READY: fou0 is down: ip link set fou0 up.; 2 peers, received 0 packets/s");
        assertThat(line.next(Snapshots.refused(), 1))
                .startsWith("NEW CONFIGURATION REFUSED, the one before holds: see the log; 0 peers");
    }
}
