package net.fougateway.capture;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import net.fougateway.codec.Direction;
import net.fougateway.codec.DropReason;
import net.fougateway.codec.EthernetFrame;

/**
 * Writes a capture in the pcapng format (draft-ietf-opsawg-pcapng), little-endian: one section, an interface for each {@link Border},
 * and for each packet its direction and, when it was dropped, the reason with meaning and remedy as comment. The link type is that of
 * {@code tcpdump -i any}, because libpcap (1.10) takes no two interfaces of link type raw. Where frames are carried it is Ethernet
 * for all, with a header of zeros in front of what has none.
 */
public final class PcapNg {

    private static final int SECTION_HEADER = 0x0a0d0d0a;
    private static final int INTERFACE_DESCRIPTION = 1;
    private static final int ENHANCED_PACKET = 6;
    private static final int BYTE_ORDER_MAGIC = 0x1a2b3c4d;
    private static final int LINKTYPE_ETHERNET = 1;
    private static final int LINKTYPE_LINUX_SLL = 113;
    private static final int SLL_BYTES = 16;
    private static final int SLL_TO_US = 0;
    private static final int SLL_FROM_US = 4;
    private static final int ARPHRD_NONE = 65_534;
    private static final int ETHERTYPE_IPV4 = 0x0800;
    private static final int ETHERTYPE_IPV6 = 0x86dd;

    private static final int END_OF_OPTIONS = 0;
    private static final int COMMENT = 1;
    private static final int USER_APPLICATION = 4;
    private static final int INTERFACE_NAME = 2;
    private static final int INTERFACE_TEXT = 3;
    private static final int PACKET_FLAGS = 2;
    private static final int INBOUND = 1;
    private static final int OUTBOUND = 2;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final boolean frames;

    /**
     * An empty file.
     *
     * @param frames whether what is seen at the device are Ethernet frames, else IP packets
     */
    public PcapNg(boolean frames) {
        this.frames = frames;
    }

    /** Writes what comes before the first packet. */
    public PcapNg begin(String version, int snapBytes) {
        ByteArrayOutputStream section = new ByteArrayOutputStream();
        section.writeBytes(words(BYTE_ORDER_MAGIC, 1, -1, -1));
        option(section, USER_APPLICATION, ("fou-gateway " + version).getBytes(UTF_8));
        option(section, END_OF_OPTIONS);
        block(SECTION_HEADER, section);
        for (Border border : Border.values()) {
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            body.writeBytes(words(frames ? LINKTYPE_ETHERNET : LINKTYPE_LINUX_SLL, SLL_BYTES + snapBytes));
            option(body, INTERFACE_NAME, border.label().getBytes(UTF_8));
            option(body, INTERFACE_TEXT, border.description().getBytes(UTF_8));
            option(body, END_OF_OPTIONS);
            block(INTERFACE_DESCRIPTION, body);
        }
        return this;
    }

    /** Writes a packet. */
    public void packet(CapturedPacket packet) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        long micros = micros(packet.time());
        byte[] header = linkHeader(packet);
        body.writeBytes(words(
                packet.border().ordinal(),
                (int) (micros >>> Integer.SIZE),
                (int) micros,
                header.length + packet.bytes().length,
                header.length + packet.lengthBytes()));
        body.writeBytes(header);
        body.writeBytes(packet.bytes());
        body.writeBytes(new byte[-(header.length + packet.bytes().length) & (Integer.BYTES - 1)]);
        if (packet.dropped() != null) {
            option(body, COMMENT, comment(packet.dropped()).getBytes(UTF_8));
        }
        option(body, PACKET_FLAGS, words(packet.direction() == Direction.UDP_TO_TUN ? INBOUND : OUTBOUND));
        option(body, END_OF_OPTIONS);
        block(ENHANCED_PACKET, body);
    }

    private byte[] linkHeader(CapturedPacket packet) {
        if (!frames) {
            return cooked(packet);
        }
        return packet.border() == Border.TUN
                ? new byte[0]
                : ByteBuffer.allocate(EthernetFrame.BASE_BYTES)
                        .putShort(EthernetFrame.BASE_BYTES - 2, (short) etherType(packet))
                        .array();
    }

    /** Big-endian: direction, hardware, no address, protocol. */
    private static byte[] cooked(CapturedPacket packet) {
        boolean in = packet.direction() == Direction.UDP_TO_TUN;
        return ByteBuffer.allocate(SLL_BYTES)
                .putShort((short) (in ? SLL_TO_US : SLL_FROM_US))
                .putShort((short) ARPHRD_NONE)
                .putShort(SLL_BYTES - 2, (short) etherType(packet))
                .array();
    }

    private static int etherType(CapturedPacket packet) {
        int version = packet.bytes().length == 0 ? 0 : packet.bytes()[0] >> 4;
        return version == 6 ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4;
    }

    private static String comment(DropReason reason) {
        return "dropped: %s: %s %s".formatted(reason.slug(), reason.meaning(), reason.remedy());
    }

    /** What was written. */
    public byte[] bytes() {
        return out.toByteArray();
    }

    private static long micros(Instant time) {
        return TimeUnit.SECONDS.toMicros(time.getEpochSecond()) + TimeUnit.NANOSECONDS.toMicros(time.getNano());
    }

    private void block(int type, ByteArrayOutputStream body) {
        int length = 3 * Integer.BYTES + body.size();
        out.writeBytes(words(type, length));
        out.writeBytes(body.toByteArray());
        out.writeBytes(words(length));
    }

    private static void option(ByteArrayOutputStream body, int code, byte... value) {
        body.writeBytes(words(value.length << Short.SIZE | code));
        padded(body, value);
    }

    private static void padded(ByteArrayOutputStream body, byte... value) {
        body.writeBytes(value);
        body.writeBytes(new byte[-value.length & (Integer.BYTES - 1)]);
    }

    private static byte[] words(int... words) {
        ByteBuffer buffer = ByteBuffer.allocate(words.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        buffer.asIntBuffer().put(words);
        return buffer.array();
    }
}
