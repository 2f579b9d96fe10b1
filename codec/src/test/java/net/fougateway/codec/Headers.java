package net.fougateway.codec;

import java.nio.ByteBuffer;

/** Writes headers for tests, in one call. */
public final class Headers {

    private Headers() {}

    /** Writes the header of a packet whose checksums are finished; returns its length. */
    public static int write(
            Encapsulation encapsulation, ByteBuffer out, int end, boolean ipv4, int sequence, long sum) {
        return write(encapsulation, out, end, ipv4, sequence, sum, Encapsulation.FINISHED);
    }

    /** As above; {@code checksumStart} and the field 16 bytes behind it may be left to the receiver. */
    @SuppressWarnings("checkstyle:ParameterNumber")
    static int write(
            Encapsulation encapsulation,
            ByteBuffer out,
            int end,
            boolean ipv4,
            int sequence,
            long sum,
            int checksumStart) {
        Encapsulator encapsulator = new Encapsulator();
        encapsulator.begin(encapsulation, Merger.parse(PacketBuilder.ip(ipv4).build()));
        if (checksumStart != Encapsulation.FINISHED) {
            encapsulator.leaveChecksum(checksumStart, checksumStart + 16);
        }
        return encapsulator.write(out, end, sequence, sum);
    }
}
