package net.fougateway.codec;

/** All MTU arithmetic: what an encapsulation adds to a packet, in bytes. */
public final class Overhead {

    private Overhead() {}

    /** Outer IP header. */
    public static int ipHeaderBytes(boolean ipv4Underlay) {
        return ipv4Underlay ? Ip.V4_HEADER_BYTES : Ip.V6_HEADER_BYTES;
    }

    /** Outer IP header and UDP header: all that FOU adds. */
    public static int fouBytes(boolean ipv4Underlay) {
        return ipHeaderBytes(ipv4Underlay) + Ip.UDP_HEADER_BYTES;
    }

    /** Largest inner packet that fits {@code pathMtuBytes}. */
    public static int innerMtuBytes(int pathMtuBytes, boolean ipv4Underlay) {
        return pathMtuBytes - fouBytes(ipv4Underlay);
    }

    /** The sum for people: {@code 1472 (1500 − 20 − 8)}. */
    public static String explain(int pathMtuBytes, boolean ipv4Underlay) {
        return "%d (%d − %d − %d)"
                .formatted(
                        innerMtuBytes(pathMtuBytes, ipv4Underlay),
                        pathMtuBytes,
                        ipHeaderBytes(ipv4Underlay),
                        Ip.UDP_HEADER_BYTES);
    }
}
