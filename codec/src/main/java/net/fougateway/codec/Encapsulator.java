package net.fougateway.codec;

import java.nio.ByteBuffer;

/**
 * Writes what goes between the UDP header and an inner packet, the counterpart of {@link Decapsulator}. {@link #begin} says what all
 * pieces of one packet have in common, {@link #write} writes the header of each. Belongs to one worker.
 */
public final class Encapsulator {

    private Encapsulation encapsulation = Fou.PLAIN;
    private int protocol;
    private int grePayload;
    private int checksumStart;
    private int checksumField;

    /**
     * Begins a packet whose checksums are, or will be, finished.
     *
     * @param packet the inner packet, for what it is
     */
    public void begin(Encapsulation as, InnerPacket packet) {
        encapsulation = as;
        protocol = as.tunnelProtocol(packet.isIpv4());
        grePayload = packet.grePayload();
        checksumStart = Encapsulation.FINISHED;
    }

    /**
     * Leaves a checksum of the packet to the receiver; only where the encapsulation {@link Encapsulation#leavesChecksums}.
     *
     * @param start first byte of the packet or frame that the checksum covers
     * @param field where in it that goes
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
            encapsulation.gre().write(out, end - greBytes, grePayload, sequence, packetSum);
        }
        boolean finished = checksumStart == Encapsulation.FINISHED;
        int start = encapsulation.writeFormat(
                out,
                end - greBytes,
                protocol,
                finished ? Encapsulation.FINISHED : greBytes + checksumStart,
                greBytes + checksumField);
        return end - start;
    }
}
