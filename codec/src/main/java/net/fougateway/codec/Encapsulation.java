package net.fougateway.codec;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * What goes between the UDP header and the inner packet: nothing (FOU), a GUE header, a GRE header, or GUE and GRE.
 *
 * @param gue whether there is a GUE header
 * @param remoteChecksum whether an unfinished inner checksum is left to the receiver, as the GUE header can say; with a GRE checksum,
 *     which covers the inner one, it never is
 * @param gre the GRE header, or {@code null} for none
 */
public record Encapsulation(boolean gue, boolean remoteChecksum, Gre gre) {

    /** The bare packet in UDP. */
    public static final Encapsulation FOU = new Encapsulation(false, false, null);
    /** Longest header in bytes. */
    public static final int MAX_HEADER_BYTES = 32;
    /** Value of a checksum position: there is none to leave to the receiver. */
    public static final int FINISHED = -1;

    /** Name in {@code status}: {@code fou}, {@code gue}, {@code fou+gre} or {@code gue+gre}. */
    public String label() {
        return (gue ? "gue" : "fou") + (gre == null ? "" : "+gre");
    }

    /** The GRE header, where there is one. */
    public Optional<Gre> greHeader() {
        return Optional.ofNullable(gre);
    }

    /** Bytes of GUE header; as in the kernel those of remote checksum offload are reserved whether used or not. */
    public int gueBytes() {
        return gue ? Gue.BASE_BYTES + (remoteChecksum ? Gue.REMOTE_CHECKSUM_BYTES : 0) : 0;
    }

    /** Bytes of GRE header. */
    public int greBytes() {
        return gre == null ? 0 : gre.headerBytes();
    }

    /** Longest header that this encapsulation writes, in bytes. */
    public int headerBytes() {
        return gueBytes() + greBytes();
    }

    /** True when inner checksums may stay unfinished. */
    public boolean leavesChecksums() {
        return remoteChecksum && !hasGreChecksum();
    }

    /** True when {@link #write} needs the sum of the inner packet. */
    public boolean hasGreChecksum() {
        return gre != null && gre.checksum();
    }

    /** True when packets are numbered. */
    public boolean hasSequence() {
        return gre != null && gre.sequence();
    }

    /** IP protocol that the inner packet travels as: 47 in GRE, otherwise 4 or 41. */
    public int tunnelProtocol(boolean ipv4) {
        if (gre != null) {
            return Ip.GRE;
        }
        return ipv4 ? Ip.IPIP : Ip.IPV6;
    }

    /**
     * Length of the header that a datagram of ours has in front of the inner packet, in bytes.
     *
     * @param length bytes of the datagram that are there, which may be fewer than its header has
     */
    public int writtenBytes(ByteBuffer buffer, int offset, int length) {
        int options = gue && length > 0 ? 4 * (Bytes.u8(buffer, offset) & Gue.OPTION_WORDS) : 0;
        return (gue ? Gue.BASE_BYTES + options : 0) + greBytes();
    }

    /**
     * Writes the header in front of an inner packet.
     *
     * @param end where the header ends: the first byte of the inner packet, if that lies in the same buffer
     * @param ipv4 whether the inner packet is IPv4, else IPv6
     * @param sequence number of the packet, where {@link #hasSequence}
     * @param packetSum partial sum of the inner packet, where {@link #hasGreChecksum}
     * @param checksumStart first byte of the packet that its unfinished checksum covers, or {@link #FINISHED}
     * @param checksumField where in the packet that checksum goes
     * @return length of the header in bytes
     */
    public int write(
            ByteBuffer out, int end, boolean ipv4, int sequence, long packetSum, int checksumStart, int checksumField) {
        int greBytes = greBytes();
        int at = end - greBytes;
        if (gre != null) {
            gre.write(out, at, ipv4, sequence, packetSum);
        }
        if (gue && checksumStart == FINISHED) {
            at -= Gue.BASE_BYTES;
            Gue.write(out, at, tunnelProtocol(ipv4));
        } else if (gue) {
            at -= Gue.BASE_BYTES + Gue.REMOTE_CHECKSUM_BYTES;
            Gue.writeRemoteChecksum(out, at, tunnelProtocol(ipv4), greBytes + checksumStart, greBytes + checksumField);
        }
        return end - at;
    }
}
