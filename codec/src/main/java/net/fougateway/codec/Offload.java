package net.fougateway.codec;

import java.util.Locale;

/** What the kernel can do for us with several packets at once, each by the name of its label in metrics and of its key. */
public enum Offload {
    /** Transport checksums of the TUN device's packets are left unfinished; the rest of {@code TUN_} needs it. */
    TUN_CHECKSUM,
    /** TCP super-packets over IPv4 from and to the device. */
    TUN_TSO4,
    /** TCP super-packets over IPv6 from and to the device. */
    TUN_TSO6,
    /** UDP super-packets from and to the device. */
    TUN_USO,
    /** {@code UDP_SEGMENT}: many datagrams of one size sent as one message. */
    UDP_GSO,
    /** {@code UDP_GRO}: many datagrams of one size received as one message. */
    UDP_GRO;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** Label value. */
    public String label() {
        return label;
    }
}
