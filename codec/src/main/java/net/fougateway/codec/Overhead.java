package net.fougateway.codec;

/** All MTU arithmetic: what an encapsulation adds to a packet, in bytes. */
public final class Overhead {

    private Overhead() {}

    /** Outer IP header. */
    public static int ipHeaderBytes(boolean ipv4Underlay) {
        return ipv4Underlay ? Ip.V4_HEADER_BYTES : Ip.V6_HEADER_BYTES;
    }

    /** All that is added: outer IP header, UDP header, header of the format, GRE header. */
    public static int bytes(boolean ipv4Underlay, Encapsulation encapsulation) {
        return ipHeaderBytes(ipv4Underlay) + Ip.UDP_HEADER_BYTES + encapsulation.headerBytes();
    }

    /** Largest inner packet, or frame with its Ethernet header, that fits {@code pathMtuBytes}. */
    public static int innerMtuBytes(int pathMtuBytes, boolean ipv4Underlay, Encapsulation encapsulation) {
        return pathMtuBytes - bytes(ipv4Underlay, encapsulation);
    }

    /** The sum for people: {@code 1472 (1500 − 20 − 8)}; behind the UDP header the format and GRE have a term each. */
    public static String explain(int pathMtuBytes, boolean ipv4Underlay, Encapsulation encapsulation) {
        return explain(pathMtuBytes, ipv4Underlay, encapsulation, 0);
    }

    /** The same where {@code linkBytes} of Ethernet header are carried, but do not count in the device's MTU. */
    public static String explain(int pathMtuBytes, boolean ipv4Underlay, Encapsulation encapsulation, int linkBytes) {
        StringBuilder terms = new StringBuilder();
        int[] parts = {
            ipHeaderBytes(ipv4Underlay),
            Ip.UDP_HEADER_BYTES,
            encapsulation.formatBytes(),
            encapsulation.greBytes(),
            linkBytes
        };
        for (int part : parts) {
            terms.append(part == 0 ? "" : " − " + part);
        }
        int mtuBytes = innerMtuBytes(pathMtuBytes, ipv4Underlay, encapsulation) - linkBytes;
        return "%d (%d%s)".formatted(mtuBytes, pathMtuBytes, terms);
    }
}
