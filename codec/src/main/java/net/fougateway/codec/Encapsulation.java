package net.fougateway.codec;

import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Optional;

/**
 * What goes between the UDP header and the inner packet: the header of a {@link Format}, and behind it a GRE header or none. A
 * format is a record of its own, which says what its header costs and writes it; {@link Encapsulator} puts both together.
 */
public sealed interface Encapsulation permits Fou, Gue, Vxlan {

    /** Longest header in bytes. */
    int MAX_HEADER_BYTES = 32;
    /** Value of a checksum position: there is none to leave to the receiver. */
    int FINISHED = -1;

    /**
     * The encapsulation of a format that carries IP or GRE.
     *
     * @param remoteChecksum for {@link Format#GUE}, see {@link Gue#remoteChecksum}
     * @param gre the GRE header, or {@code null} for none
     */
    static Encapsulation of(Format format, boolean remoteChecksum, Gre gre) {
        return switch (format) {
            case FOU -> new Fou(gre);
            case GUE -> new Gue(remoteChecksum, gre);
            case VXLAN -> throw new IllegalArgumentException("VXLAN has a network identifier: " + Vxlan.class);
        };
    }

    /** What follows the UDP header. */
    Format format();

    /** The GRE header, or {@code null} for none. */
    Gre gre();

    /** True when the format's header can say that an inner checksum is left to the receiver. */
    boolean remoteChecksum();

    /** Longest header of the format alone, in bytes. */
    int formatBytes();

    /**
     * Length of the format's header in a datagram of ours, in bytes.
     *
     * @param length bytes of the datagram that are there, which may be fewer than its header has
     */
    int writtenFormatBytes(ByteBuffer buffer, int offset, int length);

    /**
     * Writes the format's header in front of its payload.
     *
     * @param end where the header ends and the payload starts
     * @param protocol IP protocol of the payload
     * @param checksumStart first byte of the payload that its unfinished checksum covers, or {@link #FINISHED}
     * @param checksumField where in the payload that checksum goes
     * @return where the header starts
     */
    int writeFormat(ByteBuffer out, int end, int protocol, int checksumStart, int checksumField);

    /** Name in {@code status}: {@code fou}, {@code gue}, {@code fou+gre}, {@code gue+gre} or {@code vxlan}. */
    default String label() {
        return format().name().toLowerCase(Locale.ROOT) + (gre() == null ? "" : "+gre");
    }

    /** The GRE header, where there is one. */
    default Optional<Gre> greHeader() {
        return Optional.ofNullable(gre());
    }

    /** Bytes of GRE header. */
    default int greBytes() {
        return gre() == null ? 0 : gre().headerBytes();
    }

    /** Longest header that this encapsulation writes, in bytes. */
    default int headerBytes() {
        return formatBytes() + greBytes();
    }

    /** True when inner checksums may stay unfinished; a GRE checksum covers the inner one, so that it has to be finished. */
    default boolean leavesChecksums() {
        return remoteChecksum() && !hasGreChecksum();
    }

    /** True when {@link Encapsulator#write} needs the sum of the inner packet. */
    default boolean hasGreChecksum() {
        return gre() != null && gre().checksum();
    }

    /** True when packets are numbered. */
    default boolean hasSequence() {
        return gre() != null && gre().sequence();
    }

    /** IP protocol that the inner packet travels as: 47 in GRE, otherwise 4 or 41; what has one port for all, does not look at it. */
    default int tunnelProtocol(boolean ipv4) {
        if (gre() != null) {
            return Ip.GRE;
        }
        return ipv4 ? Ip.IPIP : Ip.IPV6;
    }

    /**
     * Length of the header that a datagram of ours has in front of the inner packet, in bytes.
     *
     * @param length bytes of the datagram that are there, which may be fewer than its header has
     */
    default int writtenBytes(ByteBuffer buffer, int offset, int length) {
        return writtenFormatBytes(buffer, offset, length) + greBytes();
    }

    /**
     * True when the GRE header in a datagram can have been written with this encapsulation; also where it has none.
     *
     *
     * @param at where the GRE header starts, which is there whole
     */
    default boolean hasWrittenGre(ByteBuffer buffer, int at, int payload) {
        return gre() == null || gre().hasWritten(buffer, at, payload);
    }
}
