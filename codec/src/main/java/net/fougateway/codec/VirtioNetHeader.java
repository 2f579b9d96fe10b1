package net.fougateway.codec;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The 10-byte header in front of every packet of a TUN device with {@code IFF_VNET_HDR} ({@code struct virtio_net_hdr} of
 * {@code linux/virtio_net.h}). Its fields are in the byte order of the host.
 */
public final class VirtioNetHeader {

    /** Size in bytes. */
    public static final int BYTES = 10;
    /** Segmentation type: not a super-packet. */
    public static final int GSO_NONE = 0;
    /** Segmentation type: TCP over IPv4. */
    public static final int GSO_TCPV4 = 1;
    /** Segmentation type: TCP over IPv6. */
    public static final int GSO_TCPV6 = 4;
    /** Segmentation type: UDP datagrams of equal size. */
    public static final int GSO_UDP_L4 = 5;

    private static final int NEEDS_CSUM = 1;
    private static final int GSO_ECN = 0x80;
    private static final VarHandle SHORT =
            MethodHandles.byteBufferViewVarHandle(short[].class, ByteOrder.nativeOrder());

    private VirtioNetHeader() {}

    /** True when the transport checksum is still to be finished. */
    public static boolean needsChecksum(ByteBuffer buffer, int offset) {
        return (buffer.get(offset) & NEEDS_CSUM) != 0;
    }

    /** Segmentation type, without the ECN bit. */
    public static int gsoType(ByteBuffer buffer, int offset) {
        return buffer.get(offset + 1) & 0xff & ~GSO_ECN;
    }

    /** Payload bytes of every segment but the last. */
    public static int gsoSize(ByteBuffer buffer, int offset) {
        return field(buffer, offset + 4);
    }

    /** Where the checksum starts, in bytes from the start of the packet. */
    public static int checksumStart(ByteBuffer buffer, int offset) {
        return field(buffer, offset + 6);
    }

    /** Where the checksum is stored, in bytes from {@link #checksumStart}. */
    public static int checksumOffset(ByteBuffer buffer, int offset) {
        return field(buffer, offset + 8);
    }

    /** Writes the header of an ordinary packet whose checksums are complete. */
    public static void writePlain(ByteBuffer buffer, int offset) {
        buffer.putLong(offset, 0);
        buffer.putShort(offset + 8, (short) 0);
    }

    /**
     * Writes the header of a super-packet whose transport checksum field holds the pseudo-header sum.
     *
     * @param gsoType {@link #GSO_TCPV4}, {@link #GSO_TCPV6} or {@link #GSO_UDP_L4}
     * @param headerBytes length of IP and transport header
     * @param gsoSize payload bytes of every segment but the last
     * @param checksumStart length of the IP header
     * @param checksumOffset of the checksum field in the transport header
     */
    public static void writeSuperPacket(
            ByteBuffer buffer,
            int offset,
            int gsoType,
            int headerBytes,
            int gsoSize,
            int checksumStart,
            int checksumOffset) {
        buffer.put(offset, (byte) NEEDS_CSUM);
        buffer.put(offset + 1, (byte) gsoType);
        SHORT.set(buffer, offset + 2, (short) headerBytes);
        SHORT.set(buffer, offset + 4, (short) gsoSize);
        SHORT.set(buffer, offset + 6, (short) checksumStart);
        SHORT.set(buffer, offset + 8, (short) checksumOffset);
    }

    private static int field(ByteBuffer buffer, int offset) {
        return (short) SHORT.get(buffer, offset) & 0xffff;
    }
}
