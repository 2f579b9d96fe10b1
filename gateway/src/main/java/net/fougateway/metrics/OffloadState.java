package net.fougateway.metrics;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One offload: whether it is in use, and why. The packet path reads it; whoever finds it broken turns it off. */
public final class OffloadState {

    private static final Logger LOG = LoggerFactory.getLogger(OffloadState.class);

    private final String feature;
    private volatile boolean active;
    private volatile String detail;

    /**
     * The state at start.
     *
     * @param feature label value, for example {@code udp_gso}
     */
    public OffloadState(String feature, boolean active, String detail) {
        this.feature = feature;
        this.active = active;
        this.detail = detail;
        LOG.debug("offload {} is {}: {}", feature, active ? "on" : "off", detail);
    }

    /** True while it is in use. */
    public boolean isActive() {
        return active;
    }

    /** Turns it off for good, and says so once. */
    public void turnOff(String why) {
        if (active) {
            active = false;
            detail = why;
            LOG.warn("offload {} turned off: {}", feature, why);
        }
    }

    /** For metrics and {@code status}. */
    public Snapshot.Offload snapshot() {
        return new Snapshot.Offload(feature, active, detail);
    }
}
