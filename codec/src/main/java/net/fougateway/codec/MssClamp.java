package net.fougateway.codec;

import java.nio.ByteBuffer;

/** Lowers the maximum segment size that a TCP SYN or SYN-ACK announces (RFC 9293 section 3.7.1) to what fits a path. */
public final class MssClamp {

    private static final int END_OF_OPTIONS = 0;
    private static final int NO_OPERATION = 1;
    private static final int MSS = 2;
    private static final int MSS_BYTES = 4;
    /** As in the kernel ({@code TCP_MIN_MSS}). */
    private static final int LEAST = 88;

    private MssClamp() {}

    /**
     * Lowers the MSS option to {@code mtuBytes} less the headers of IP and TCP without options, in place, and mends the
     * checksum; but never below 88. A packet without the option, with a lower one or with malformed options is left alone, as is all that is not a SYN.
     *
     * @param mtuBytes of the path, for packets of the packet's family
     * @param checksumUnfinished whether the checksum field holds the pseudo-header sum only, which the option is not part of
     */
    public static void clamp(InnerPacket packet, int mtuBytes, boolean checksumUnfinished) {
        if (packet.protocol() != Ip.TCP
                || packet.transportLength() < Ip.TCP_HEADER_BYTES
                || (Bytes.u8(packet.buffer(), packet.transportOffset() + Ip.TCP_FLAGS) & Ip.TCP_SYN) == 0
                || packet.isFragment()) {
            return;
        }
        int option = findMss(packet);
        if (option != 0) {
            int ipHeaderBytes = packet.isIpv4() ? Ip.V4_HEADER_BYTES : Ip.V6_HEADER_BYTES;
            int mssBytes = Math.max(mtuBytes - ipHeaderBytes - Ip.TCP_HEADER_BYTES, LEAST);
            lower(packet, option + 2, mssBytes, checksumUnfinished);
        }
    }

    /** Where the option starts in the buffer, 0 when there is none. */
    private static int findMss(InnerPacket packet) {
        ByteBuffer buffer = packet.buffer();
        int tcp = packet.transportOffset();
        int end = tcp + (Bytes.u8(buffer, tcp + Ip.TCP_DATA_OFFSET) >>> 4) * 4;
        int option = tcp + Ip.TCP_HEADER_BYTES;
        while (end <= packet.end() && option + MSS_BYTES <= end) {
            int type = Bytes.u8(buffer, option);
            int length = type == NO_OPERATION ? 1 : Bytes.u8(buffer, option + 1);
            if (type == MSS && length == MSS_BYTES) {
                return option;
            }
            if (type == END_OF_OPTIONS || type == MSS || length == 0 || (type != NO_OPERATION && length == 1)) {
                return 0;
            }
            option += length;
        }
        return 0;
    }

    private static void lower(InnerPacket packet, int at, int mssBytes, boolean checksumUnfinished) {
        int before = Bytes.u16(packet.buffer(), at);
        if (before <= mssBytes) {
            return;
        }
        Bytes.put16(packet.buffer(), at, mssBytes);
        if (checksumUnfinished) {
            return;
        }
        int tcp = packet.transportOffset();
        boolean aligned = (at - tcp & 1) == 0;
        Checksum.update(
                packet.buffer(),
                tcp + Ip.TCP_CHECKSUM,
                aligned ? before : swapped(before),
                aligned ? mssBytes : swapped(mssBytes));
    }

    /** A number as it counts in a checksum where its bytes belong to two different words. */
    private static int swapped(int value) {
        return (value & 0xff) << 8 | value >>> 8;
    }
}
