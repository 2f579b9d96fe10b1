package net.fougateway.codec;

import java.nio.ByteBuffer;

/**
 * A frame in one piece whose Ethernet header is written anew, so that what stands in front of it can differ: one of several copies that
 * leave from the same memory.
 */
public final class Copy implements Cut {

    private ByteBuffer buffer;
    private int offset;
    private int headerBytes;
    private int length;

    /** Starts on a frame. */
    public void begin(InnerPacket frame) {
        buffer = frame.buffer();
        offset = frame.frameOffset();
        headerBytes = frame.linkBytes();
        length = frame.frameBytes();
    }

    @Override
    public int pieces() {
        return 1;
    }

    @Override
    public int headerBytes() {
        return headerBytes;
    }

    @Override
    public int totalBytes() {
        return length;
    }

    @Override
    public int payloadOffset(int i) {
        return offset + headerBytes;
    }

    @Override
    public int payloadLength(int i) {
        return length - headerBytes;
    }

    @Override
    public void writeHeader(int i, ByteBuffer out, int outOffset) {
        out.put(outOffset, buffer, offset, headerBytes);
    }

    @Override
    public long sum(int i, ByteBuffer out, int header) {
        return Checksum.sum(buffer, offset, length);
    }
}
