package net.fougateway.codec;

/** What follows the UDP header. */
public enum Format {
    /** Foo over UDP: nothing, the inner packet or its GRE header comes at once. */
    FOU,
    /** Generic UDP Encapsulation: a header that tells the protocol of what follows. */
    GUE,
    /** Virtual eXtensible LAN (RFC 7348): a header with the number of a network, and an Ethernet frame. */
    VXLAN
}
