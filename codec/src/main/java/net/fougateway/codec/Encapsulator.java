package net.fougateway.codec;

import java.nio.ByteBuffer;

/**
 * Writes what goes between the UDP header and an inner packet, the counterpart of {@link Decapsulator}. {@link #begin} says what all
 * pieces of one packet have in common, {@link #write} writes the header of each. Belongs to one worker.
 */
public final class Encapsulator {

    private Encapsulation encapsulation = Fou.PLAIN;
    private boolean ipv4;
    private int checksumStart;
    private int checksumField;

    /**
     * Begins a packet whose checksums are, or will be, finished.
     *
     * @param ipv4 whether the inner packet is IPv4, else IPv6
     */
    public void begin(Encapsulation as, boolean ipv4) {
        encapsulation = as;
        this.ipv4 = ipv4;
        checksumStart = Encapsulation.FINISHED;
    }

    /**
     * Leaves a checksum of the packet to the receiver; only where the encapsulation {@link Encapsulation#leavesChecksums}.
     *
     * @param start first byte of the packet that the checksum covers
     * @param field where in the packet it goes
     */
    public void leaveChecksum(int start, int field) {
        checksumStart = start;
        checksumField = field;
    }

    /**
     * Writes the header in front of an inner packet, or a piece of one.
     *
     * @param end where the header ends: the first byte of the inner packet, if that lies in the same buffer
     * @param sequence number of the packet, where the encapsulation {@link Encapsulation#hasSequence}
     * @param packetSum partial sum of the inner packet, where it {@link Encapsulation#hasGreChecksum}
     * @return length of the header in bytes
     */
    public int write(ByteBuffer out, int end, int sequence, long packetSum) {
        int greBytes = encapsulation.greBytes();
        if (greBytes > 0) {
            encapsulation.gre().write(out, end - greBytes, ipv4, sequence, packetSum);
        }
        boolean finished = checksumStart == Encapsulation.FINISHED;
        int start = encapsulation.writeFormat(
                out,
                end - greBytes,
                encapsulation.tunnelProtocol(ipv4),
                finished ? Encapsulation.FINISHED : greBytes + checksumStart,
                greBytes + checksumField);
        return end - start;
    }
}
