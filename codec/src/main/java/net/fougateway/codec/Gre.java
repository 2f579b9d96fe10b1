package net.fougateway.codec;

import java.nio.ByteBuffer;

/**
 * Which options a GRE header has: RFC 2784 with the key and sequence number of RFC 2890.
 *
 * @param keyed whether there is a key
 * @param key the key, 0 where there is none
 * @param checksum whether there is a checksum over header and payload
 * @param sequence whether there is a sequence number
 */
public record Gre(boolean keyed, int key, boolean checksum, boolean sequence) {

    /** Neither key nor checksum nor sequence number. */
    public static final Gre PLAIN = new Gre(false, 0, false, false);

    static final int FLAG_CHECKSUM = 0x8000;
    static final int FLAG_ROUTING = 0x4000;
    static final int FLAG_KEY = 0x2000;
    static final int FLAG_SEQUENCE = 0x1000;
    static final int VERSION = 7;
    static final int BASE_BYTES = 4;
    static final int OPTION_BYTES = 4;
    static final int PAYLOAD_IPV4 = 0x0800;
    static final int PAYLOAD_IPV6 = 0x86dd;
    /** Transparent Ethernet bridging, which Linux calls {@code gretap}. */
    static final int PAYLOAD_ETHERNET = 0x6558;

    /** Length of the header in bytes: 4 to 16. */
    public int headerBytes() {
        return BASE_BYTES + (checksum ? OPTION_BYTES : 0) + (keyed ? OPTION_BYTES : 0) + (sequence ? OPTION_BYTES : 0);
    }

    /**
     * Writes the header in front of a packet.
     *
     * @param at where the header starts
     * @param payload EtherType of the packet
     * @param number sequence number
     * @param packetSum partial sum of the packet, see {@link Checksum}; only looked at where the header has a checksum
     */
    void write(ByteBuffer out, int at, int payload, int number, long packetSum) {
        Bytes.put32(out, at, firstWord(payload));
        int option = at + BASE_BYTES;
        if (checksum) {
            Bytes.put32(out, option, 0);
            option += OPTION_BYTES;
        }
        if (keyed) {
            Bytes.put32(out, option, key);
            option += OPTION_BYTES;
        }
        if (sequence) {
            Bytes.put32(out, option, number);
        }
        if (checksum) {
            Checksum.store(out, at + BASE_BYTES, Checksum.sum(out, at, headerBytes()) + packetSum);
        }
    }

    /** True when the header at {@code at}, which is there whole, can have been written by {@link #write}: flags, payload and key. */
    boolean hasWritten(ByteBuffer buffer, int at, int payload) {
        int keyAt = at + BASE_BYTES + (checksum ? OPTION_BYTES : 0);
        return Bytes.i32(buffer, at) == firstWord(payload) && (!keyed || Bytes.i32(buffer, keyAt) == key);
    }

    private int firstWord(int payload) {
        int flags = (checksum ? FLAG_CHECKSUM : 0) | (keyed ? FLAG_KEY : 0) | (sequence ? FLAG_SEQUENCE : 0);
        return (flags << 16) | payload;
    }
}
