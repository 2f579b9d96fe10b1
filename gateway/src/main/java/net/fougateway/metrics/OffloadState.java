package net.fougateway.metrics;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One offload: whether it is in use, and why. */
public final class OffloadState {

    private static final Logger log = LoggerFactory.getLogger(OffloadState.class);

    private final String feature;
    private final boolean active;
    private final String detail;

    /**
     * The state at start.
     *
     * @param feature label value, for example {@code udp_gso}
     */
    public OffloadState(String feature, boolean active, String detail) {
        this.feature = feature;
        this.active = active;
        this.detail = detail;
        log.debug("offload {} is {}: {}", feature, active ? "on" : "off", detail);
    }

    /** True while it is in use. */
    public boolean isActive() {
        return active;
    }

    /** For metrics and {@code status}. */
    public Snapshot.Offload snapshot() {
        return new Snapshot.Offload(feature, active, detail);
    }
}
