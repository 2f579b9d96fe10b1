package net.fougateway.tun;

import java.util.Locale;

/** What a device of the TUN driver carries. */
public enum DeviceMode {
    /** IP packets. */
    TUN,
    /** Ethernet frames. */
    TAP;

    private final String word = name().toLowerCase(Locale.ROOT);

    /** The word that {@code ip tuntap} has for it. */
    public String word() {
        return word;
    }
}
