package net.fougateway.metrics;

import net.fougateway.codec.Offload;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One offload: whether it is in use, and why. */
public final class OffloadState {

    private static final Logger log = LoggerFactory.getLogger(OffloadState.class);

    private final Offload offload;
    private final boolean active;
    private final String detail;

    /**
     * The state at start.
     *
     * @param detail why it is so, for people
     */
    public OffloadState(Offload offload, boolean active, String detail) {
        this.offload = offload;
        this.active = active;
        this.detail = detail;
        log.debug("offload {} is {}: {}", offload.label(), active ? "on" : "off", detail);
    }

    /** True while it is in use. */
    public boolean isActive() {
        return active;
    }

    /** For metrics and {@code status}. */
    public Snapshot.Offload snapshot() {
        return new Snapshot.Offload(offload.label(), active, detail);
    }
}
