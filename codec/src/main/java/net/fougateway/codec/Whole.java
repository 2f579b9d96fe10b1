package net.fougateway.codec;

import java.nio.ByteBuffer;

/** A packet in one piece, as it lies in its buffer: all of it is payload. */
public final class Whole implements Cut {

    private ByteBuffer buffer;
    private int offset;
    private int length;

    /** Starts on a packet. */
    public void begin(InnerPacket packet) {
        buffer = packet.buffer();
        offset = packet.frameOffset();
        length = packet.frameBytes();
    }

    @Override
    public int pieces() {
        return 1;
    }

    @Override
    public int headerBytes() {
        return 0;
    }

    @Override
    public int totalBytes() {
        return length;
    }

    @Override
    public int payloadOffset(int i) {
        return offset;
    }

    @Override
    public int payloadLength(int i) {
        return length;
    }

    @Override
    public void writeHeader(int i, ByteBuffer out, int outOffset) {
        // The packet has its own.
    }

    @Override
    public long sum(int i, ByteBuffer out, int header) {
        return Checksum.sum(buffer, offset, length);
    }
}
