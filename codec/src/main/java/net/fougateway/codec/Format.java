package net.fougateway.codec;

/** What follows the UDP header. */
public enum Format {
    /** Foo over UDP: nothing, the inner packet or its GRE header comes at once. */
    FOU,
    /** Generic UDP Encapsulation: a header that tells the protocol of what follows. */
    GUE
}
