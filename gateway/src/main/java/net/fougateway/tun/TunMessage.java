package net.fougateway.tun;

/** What can be written to a {@link TunChannel}. */
interface TunMessage {

    /** Writes it at once; failures are counted. */
    void write(TunQueue queue);
}
