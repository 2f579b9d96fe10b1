package net.fougateway.codec;

import java.util.Locale;

/** The two ways through the gateway. The lower-case name is the metric label value. */
public enum Direction {
    /** Datagram in, inner packet out to the TUN device: decapsulation. */
    UDP_TO_TUN,
    /** Inner packet in from the TUN device, datagram out: encapsulation. */
    TUN_TO_UDP;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** Label value in metrics and in {@code status}: {@code udp_to_tun} or {@code tun_to_udp}. */
    public String label() {
        return label;
    }
}
