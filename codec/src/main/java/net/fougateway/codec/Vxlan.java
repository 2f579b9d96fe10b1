package net.fougateway.codec;

import java.nio.ByteBuffer;

/**
 * Virtual eXtensible LAN (RFC 7348): flags, of which only the one is set that says that there is a network identifier, and that; all else
 * is zero.
 *
 * @param vni VXLAN network identifier, 24 bits
 */
public record Vxlan(int vni) implements Encapsulation {

    static final int HEADER_BYTES = 8;
    static final int FLAGS = 0x0800_0000;
    static final int VNI_SHIFT = 8;

    @Override
    public Format format() {
        return Format.VXLAN;
    }

    @Override
    public Gre gre() {
        return null;
    }

    @Override
    public boolean remoteChecksum() {
        return false;
    }

    @Override
    public int formatBytes() {
        return HEADER_BYTES;
    }

    @Override
    public int writtenFormatBytes(ByteBuffer buffer, int offset, int length) {
        return HEADER_BYTES;
    }

    @Override
    public int writeFormat(ByteBuffer out, int end, int protocol, int checksumStart, int checksumField) {
        int at = end - HEADER_BYTES;
        Bytes.put32(out, at, FLAGS);
        Bytes.put32(out, at + Integer.BYTES, vni << VNI_SHIFT);
        return at;
    }
}
