package net.fougateway.capture;

import java.util.Locale;

/** Where a packet was seen, in the order of the interfaces of a capture file. */
public enum Border {
    /** A datagram as it came from the underlay. */
    UDP("Datagrams from the underlay. Outer destination address, TTL, ID and UDP checksum are not known and made up."),
    /** An inner packet, without encapsulation. */
    TUN(
            "Inner packets at the TUN device. Checksums may be left to be completed, and packets larger than the MTU to be cut.");

    private final String description;

    Border(String description) {
        this.description = description;
    }

    /** Name of the interface in a capture file. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** What its packets are. */
    String description() {
        return description;
    }
}
