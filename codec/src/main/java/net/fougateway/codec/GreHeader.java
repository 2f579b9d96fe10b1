package net.fougateway.codec;

import java.nio.ByteBuffer;

/** A received GRE header (RFC 2784, RFC 2890). One object serves header after header. */
public final class GreHeader {

    private int bytes;
    private int flags;
    private int payloadType;
    private int key;
    private int sequence;

    /**
     * Takes the header at {@code offset} apart, and verifies its checksum where it has one. As in the kernel's
     * {@code gre_parse_header} the routing bit and versions other than 0 are refused, reserved bits are ignored.
     *
     * @param length bytes from the header to the end of the datagram
     * @return {@code null} when the header is well formed, otherwise why it is not
     */
    DropReason parse(ByteBuffer buffer, int offset, int length) {
        if (length < Gre.BASE_BYTES) {
            return DropReason.GRE_HEADER;
        }
        flags = Bytes.u16(buffer, offset);
        payloadType = Bytes.u16(buffer, offset + 2);
        bytes = Gre.BASE_BYTES
                + Gre.OPTION_BYTES * Integer.bitCount(flags & (Gre.FLAG_CHECKSUM | Gre.FLAG_KEY | Gre.FLAG_SEQUENCE));
        if ((flags & (Gre.FLAG_ROUTING | Gre.VERSION)) != 0 || length < bytes) {
            return DropReason.GRE_HEADER;
        }
        int option = offset + Gre.BASE_BYTES + (hasChecksum() ? Gre.OPTION_BYTES : 0);
        key = hasKey() ? Bytes.i32(buffer, option) : 0;
        sequence = hasSequence() ? Bytes.i32(buffer, offset + bytes - Gre.OPTION_BYTES) : 0;
        boolean intact = !hasChecksum() || Checksum.isValid(Checksum.sum(buffer, offset, length));
        return intact ? null : DropReason.GRE_CHECKSUM;
    }

    /** Length of the header in bytes. */
    public int bytes() {
        return bytes;
    }

    /** EtherType of the payload. */
    public int payloadType() {
        return payloadType;
    }

    /** True when the header has a checksum, which then was right. */
    public boolean hasChecksum() {
        return (flags & Gre.FLAG_CHECKSUM) != 0;
    }

    /** True when the header has a key. */
    public boolean hasKey() {
        return (flags & Gre.FLAG_KEY) != 0;
    }

    /** The key, 0 where there is none. */
    public int key() {
        return key;
    }

    /** True when the header has a sequence number. */
    public boolean hasSequence() {
        return (flags & Gre.FLAG_SEQUENCE) != 0;
    }

    /** The sequence number, 0 where there is none. */
    public int sequence() {
        return sequence;
    }
}
