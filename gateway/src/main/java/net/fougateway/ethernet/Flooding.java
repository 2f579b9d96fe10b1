package net.fougateway.ethernet;

import java.util.Locale;

/** Why a frame goes to every peer. The lower-case name is the metric label value. */
public enum Flooding {
    /** It is for everybody. */
    BROADCAST,
    /** It is for a group. */
    MULTICAST,
    /** Nobody knows where its destination is. */
    UNKNOWN;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** Label value in metrics. */
    public String label() {
        return label;
    }
}
