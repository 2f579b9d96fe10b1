package net.fougateway.ebpf;

import java.util.Locale;

/** What the programs decide of a packet, in the order of {@code enum verdict} in {@code fou.h}. */
public enum Verdict {
    IN_TAKEN,
    IN_ODD,
    IN_SOURCE,
    IN_ECN,
    IN_SYN,
    IN_SEGMENTED,
    IN_REFUSED,
    OUT_TAKEN,
    OUT_ODD,
    OUT_PEER,
    OUT_LOOP,
    OUT_SYN,
    OUT_SEGMENTED,
    OUT_TOO_BIG,
    OUT_NO_CHECKSUM,
    OUT_REFUSED,
    OUT_LOST;

    /** True for packets from the underlay, false for those from the tunnel device. */
    public boolean isIn() {
        return name().startsWith("IN_");
    }

    /** Label value, without the direction. */
    public String label() {
        return name().substring(name().indexOf('_') + 1).toLowerCase(Locale.ROOT);
    }

    /** True when user space sees the packet, too. */
    public boolean isHandedOn() {
        return this != IN_TAKEN && this != OUT_TAKEN && this != OUT_LOST;
    }
}
