package net.fougateway.codec;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;

/** Makes Ethernet frames for tests. */
public final class Frames {

    /** Two machines. */
    public static final String A = "02:00:00:00:00:0a";

    public static final String B = "02:00:00:00:00:0b";
    /** All machines. */
    public static final String ALL = "ff:ff:ff:ff:ff:ff";

    private static final int MINIMUM_BYTES = 60;

    private Frames() {}

    /** A frame from {@code source} to {@code destination} with an IP packet in it. */
    public static byte[] ip(String destination, String source, byte[] packet) {
        return tagged(destination, source, "", packet);
    }

    /** The same behind tags, in hexadecimal digits with their EtherTypes in front. */
    public static byte[] tagged(String destination, String source, String tags, byte[] packet) {
        return other(destination, source, tags + (Naive.isIpv4(packet) ? "0800" : "86dd"), packet);
    }

    /** A frame with anything in it. */
    public static byte[] other(String destination, String source, String types, byte... payload) {
        return Naive.join(bytes(destination + source + types), payload);
    }

    /** The same frame, filled up to the shortest that Ethernet has. */
    public static byte[] padded(byte[] frame) {
        return Arrays.copyOf(frame, Math.max(frame.length, MINIMUM_BYTES));
    }

    /** Who has 10.42.0.2? */
    public static byte[] arpRequest(String source, String senderAddress) {
        byte[] request =
                Naive.join(bytes("0001080006040001" + source + senderAddress), bytes("000000000000" + "0a2a0002"));
        return other(ALL, source, "0806", request);
    }

    /** A parsed frame. */
    public static EthernetFrame parse(byte[] frame) {
        EthernetFrame parsed = new EthernetFrame();
        DropReason verdict = parsed.parse(ByteBuffer.wrap(frame), 0, frame.length);
        if (verdict != null) {
            throw new IllegalArgumentException(verdict.slug());
        }
        return parsed;
    }

    /** Bytes of hexadecimal digits, between which there may be blanks and colons. */
    public static byte[] bytes(String digits) {
        return HexFormat.of().parseHex(digits.replaceAll("[ :]", ""));
    }
}
