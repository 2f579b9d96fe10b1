package net.fougateway.codec;

import java.nio.ByteBuffer;

/** A received GUE header of variant 0. One object serves header after header. */
final class GueHeader {

    private int bytes;
    private int protocol;

    /**
     * Takes the header at {@code offset} apart, as the kernel's {@code validate_gue_flags} does: options beyond those that the
     * flags announce are skipped unread, unknown flags are refused. A checksum that the sender left to us is computed and
     * stored.
     *
     * @param length bytes from the header to the end of the datagram
     * @return {@code null} when the payload can go on, otherwise why not
     */
    DropReason parse(ByteBuffer buffer, int offset, int length) {
        if (length < Gue.BASE_BYTES) {
            return DropReason.GUE_TRUNCATED;
        }
        int first = Bytes.u8(buffer, offset);
        protocol = Bytes.u8(buffer, offset + 1);
        int flags = Bytes.u16(buffer, offset + 2);
        bytes = Gue.BASE_BYTES + 4 * (first & Gue.OPTION_WORDS);
        if (length < bytes) {
            return DropReason.GUE_TRUNCATED;
        }
        if ((flags & ~Gue.FLAG_PRIVATE) != 0) {
            return DropReason.GUE_FLAGS;
        }
        if ((first & Gue.CONTROL) != 0) {
            return DropReason.GUE_CONTROL;
        }
        if (protocol == 0) {
            return DropReason.GUE_PROTO_ZERO;
        }
        return flags == 0 ? null : readPrivateFlags(buffer, offset, length);
    }

    private DropReason readPrivateFlags(ByteBuffer buffer, int offset, int length) {
        if (bytes < Gue.BASE_BYTES + Gue.PRIVATE_FLAGS_BYTES) {
            return DropReason.GUE_FLAGS;
        }
        int flags = Bytes.i32(buffer, offset + Gue.BASE_BYTES);
        if ((flags & ~Gue.PRIVATE_REMOTE_CHECKSUM) != 0) {
            return DropReason.GUE_FLAGS;
        }
        return flags == 0 ? null : completeChecksum(buffer, offset, length);
    }

    private DropReason completeChecksum(ByteBuffer buffer, int offset, int length) {
        if (bytes < Gue.BASE_BYTES + Gue.REMOTE_CHECKSUM_BYTES) {
            return DropReason.GUE_FLAGS;
        }
        int fields = offset + Gue.BASE_BYTES + Gue.PRIVATE_FLAGS_BYTES;
        int start = Bytes.u16(buffer, fields);
        int field = Bytes.u16(buffer, fields + 2);
        int payloadBytes = length - bytes;
        if (field < start || field + 2 > payloadBytes) {
            return DropReason.GUE_REMOTE_CHECKSUM;
        }
        int payload = offset + bytes;
        Checksum.storeUdp(buffer, payload + field, Checksum.sum(buffer, payload + start, payloadBytes - start));
        return null;
    }

    /** Length of the header in bytes, options included. */
    int bytes() {
        return bytes;
    }

    /** IP protocol of the payload. */
    int protocol() {
        return protocol;
    }
}
