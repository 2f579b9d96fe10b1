package net.fougateway.codec;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The Internet checksum (RFC 1071).
 *
 * <p>Partial sums are of little-endian words, which is allowed because the sum does not depend on byte order as long as it is
 * stored in the order in which it was summed (RFC 1071 section 2 B). Numbers that are not in the buffer enter a sum
 * through {@link #word}. A partial sum is a plain {@code long} that may be added to others; all parts but the last must have
 * even length.
 */
public final class Checksum {

    private static final VarHandle SHORT =
            MethodHandles.byteBufferViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long LOW_HALF = 0xffffffffL;

    private Checksum() {}

    /**
     * Partial sum of {@code length} bytes at {@code offset}; fastest where the buffer's byte order is the host's. Plain
     * {@link ByteBuffer#getLong(int)} in a loop without unrolling is the form that the compiler turns into vector code.
     */
    public static long sum(ByteBuffer buffer, int offset, int length) {
        long low = 0;
        long high = 0;
        int wide = offset + (length & ~7);
        for (int i = offset; i < wide; i += 8) {
            long word = buffer.getLong(i);
            low += word & LOW_HALF;
            high += word >>> 32;
        }
        long sum = low + high + tail(buffer, wide, length & 7);
        return buffer.order() == ByteOrder.LITTLE_ENDIAN ? sum : word(fold(sum));
    }

    private static long tail(ByteBuffer buffer, int offset, int length) {
        long sum = 0;
        int i = offset;
        if ((length & 4) != 0) {
            sum += buffer.getInt(i) & LOW_HALF;
            i += 4;
        }
        if ((length & 2) != 0) {
            sum += buffer.getShort(i) & 0xffff;
            i += 2;
        }
        if ((length & 1) != 0) {
            int last = buffer.get(i) & 0xff;
            sum += buffer.order() == ByteOrder.LITTLE_ENDIAN ? last : last << 8;
        }
        return sum;
    }

    /** A 16-bit number as it counts in a partial sum. */
    public static long word(int value) {
        return ((value & 0xffL) << 8) | ((value >>> 8) & 0xff);
    }

    /** What takes a 16-bit {@link #word} out of a partial sum that it is part of. */
    static long negated(long word) {
        return ~word & 0xffff;
    }

    /** Folds a partial sum to 16 bits. */
    public static int fold(long sum) {
        long folded = (sum & LOW_HALF) + (sum >>> 32);
        folded = (folded & 0xffff) + ((folded >>> 16) & 0xffff) + (folded >>> 32);
        folded = (folded & 0xffff) + (folded >>> 16);
        return (int) ((folded & 0xffff) + (folded >>> 16));
    }

    /** True when a partial sum that includes the checksum field says that the data are intact. */
    public static boolean isValid(long sum) {
        return fold(sum) == 0xffff;
    }

    /** Stores the complement of {@code sum}: the finished checksum. */
    public static void store(ByteBuffer buffer, int offset, long sum) {
        SHORT.set(buffer, offset, (short) ~fold(sum));
    }

    /**
     * As {@link #store}, but a result of zero is stored as 0xFFFF, because zero means "no checksum" in UDP (RFC 768). Without a branch,
     * which the compiler would leave out until one packet in 65,536 takes it.
     */
    public static void storeUdp(ByteBuffer buffer, int offset, long sum) {
        int complement = ~fold(sum) & 0xffff;
        int ifZero = (complement - 1) >> 31;
        SHORT.set(buffer, offset, (short) (complement | ifZero));
    }

    /** Stores {@code sum} itself, folded: a pseudo-header sum that somebody else will complete. */
    public static void storePartial(ByteBuffer buffer, int offset, long sum) {
        SHORT.set(buffer, offset, (short) fold(sum));
    }

    /**
     * Corrects the checksum at {@code offset} after one 16-bit field that it covers has changed (RFC 1624, equation 3).
     *
     * @param before old value of the field
     * @param after new value of the field
     */
    public static void update(ByteBuffer buffer, int offset, int before, int after) {
        int old = Bytes.u16(buffer, offset);
        int sum = (~old & 0xffff) + (~before & 0xffff) + (after & 0xffff);
        sum = (sum & 0xffff) + (sum >>> 16);
        sum = (sum & 0xffff) + (sum >>> 16);
        Bytes.put16(buffer, offset, ~sum);
    }

    /**
     * Partial sum of the pseudo header of TCP or UDP.
     *
     * @param packet parsed inner packet
     * @param transportLength length of transport header and payload in bytes
     */
    public static long pseudoHeader(ByteBuffer buffer, InnerPacket packet, int transportLength) {
        long addresses = packet.isIpv4()
                ? sum(buffer, packet.offset() + Ip.V4_SOURCE, 8)
                : sum(buffer, packet.offset() + Ip.V6_SOURCE, 32);
        return addresses + word(packet.protocol()) + word(transportLength);
    }
}
