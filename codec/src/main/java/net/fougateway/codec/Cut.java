package net.fougateway.codec;

import java.nio.ByteBuffer;

/**
 * The pieces in which a packet leaves. Piece {@code i} is the header that {@link #writeHeader} writes, followed by the payload at
 * {@link #payloadOffset}, which stays where it is. One object serves packet after packet and borrows the buffer meanwhile.
 */
public sealed interface Cut permits Whole, Copy, Segmentation, Fragmentation {

    /** How many bytes {@link #writeHeader} may write behind the header, and read behind that of the packet. */
    int SLACK_BYTES = 8;

    /** Number of pieces, at least 1. */
    int pieces();

    /** Length of the header that is written for every piece; 0 where the packet has its own and is sent as it lies. */
    int headerBytes();

    /** Sum of the lengths of all pieces, as the tunnel carries them. */
    int totalBytes();

    /** Where the payload of piece {@code i} starts in the buffer. */
    int payloadOffset(int i);

    /** Length of the payload of piece {@code i}; no other is longer than the first. */
    int payloadLength(int i);

    /**
     * Writes the complete header of piece {@code i}.
     *
     * @param out where to, with room for {@link #headerBytes} and {@link #SLACK_BYTES}
     */
    void writeHeader(int i, ByteBuffer out, int outOffset);

    /**
     * Partial sum of piece {@code i}, whose header was written last; only where checksums are not left to the receiver.
     *
     * @param header where that header starts in {@code out}
     */
    long sum(int i, ByteBuffer out, int header);

    /** Length of the longest piece, as the tunnel carries it. */
    default int largestBytes() {
        return headerBytes() + payloadLength(0);
    }
}
