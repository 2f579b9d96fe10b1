package net.fougateway.codec;

import java.nio.ByteBuffer;
import java.util.Random;

/**
 * Packets of all sorts as a TUN device hands them out, by chance and always the same, for training: what a compiler has never seen
 * happen it leaves out, and when it happens for the first time the compiled code is thrown away.
 */
public final class PacketMix {

    private static final int SEGMENT_BYTES = 1400;
    private static final int MOST_PAYLOAD_BYTES = 44 * SEGMENT_BYTES;
    private static final int OPTION_BYTES = 20;
    private static final int LARGE_MSS = 0x0204_ffff;
    private static final int[] PROTOCOLS = {Ip.TCP, Ip.TCP, Ip.TCP, Ip.UDP, Ip.UDP, Ip.ICMP};
    private static final int[] FLAGS = {
        Ip.TCP_ACK,
        Ip.TCP_ACK,
        Ip.TCP_ACK,
        Ip.TCP_ACK | Ip.TCP_PSH,
        Ip.TCP_ACK | Ip.TCP_ECE,
        Ip.TCP_ACK | Ip.TCP_FIN,
        Ip.TCP_SYN,
        0
    };
    private static final int[] FRAGMENT_FIELDS = {
        Ip.V4_DONT_FRAGMENT, Ip.V4_DONT_FRAGMENT, Ip.V4_DONT_FRAGMENT, 0, Ip.V4_MORE_FRAGMENTS, 1
    };
    private static final int[] TRAFFIC_CLASSES = {0, 2, 3, 0x28};

    private final Random random = new Random(1);
    private boolean ipv4;
    private int protocol = Ip.TCP;
    private int flow;
    private int trafficClass;
    private int sequence;

    /**
     * Writes a virtio header and the next packet at the start of {@code out}, which needs room for the largest.
     *
     * @return bytes written, the virtio header included; now and then fewer than the packet says
     */
    public int write(ByteBuffer out) {
        if (seldom()) {
            changeFlow();
        }
        boolean large = seldom();
        int lastBytes = random.nextBoolean() ? SEGMENT_BYTES : random.nextInt(SEGMENT_BYTES);
        int payloadBytes = large ? MOST_PAYLOAD_BYTES - SEGMENT_BYTES + lastBytes : lastBytes;
        int length = SuperPacket.write(out, ipv4 ? 4 : 6, protocol, payloadBytes, SEGMENT_BYTES);
        int transport = VirtioNetHeader.BYTES + (ipv4 ? Ip.V4_HEADER_BYTES : Ip.V6_HEADER_BYTES);
        writeIpHeader(out);
        Bytes.put32(out, transport, flow);
        if (protocol == Ip.TCP) {
            writeTcpHeader(out, transport, payloadBytes);
        }
        if (!large) {
            makePlain(out);
        }
        return seldom() ? VirtioNetHeader.BYTES + random.nextInt(length - VirtioNetHeader.BYTES) : length;
    }

    private void changeFlow() {
        ipv4 = random.nextBoolean();
        protocol = PROTOCOLS[random.nextInt(PROTOCOLS.length)];
        trafficClass = TRAFFIC_CLASSES[random.nextInt(TRAFFIC_CLASSES.length)];
        flow++;
    }

    private boolean seldom() {
        return random.nextInt(8) == 0;
    }

    private void writeIpHeader(ByteBuffer out) {
        int ip = VirtioNetHeader.BYTES;
        if (ipv4) {
            Bytes.put8(out, ip + 1, trafficClass);
            Bytes.put16(out, ip + Ip.V4_ID, random.nextInt());
            Bytes.put16(out, ip + Ip.V4_FRAGMENT, FRAGMENT_FIELDS[random.nextInt(FRAGMENT_FIELDS.length)]);
        } else {
            Bytes.put16(out, ip, 0x6000 | trafficClass << 4);
            int next = protocol == Ip.ICMP ? Ip.ICMPV6 : protocol;
            Bytes.put8(out, ip + Ip.V6_NEXT_HEADER, seldom() ? Ip.V6_DESTINATION_OPTIONS : next);
        }
    }

    /** Options stand where the payload would begin. */
    private void writeTcpHeader(ByteBuffer out, int tcp, int payloadBytes) {
        int optionBytes = payloadBytes >= OPTION_BYTES && random.nextBoolean() ? OPTION_BYTES : 0;
        Bytes.put8(out, tcp + Ip.TCP_DATA_OFFSET, (Ip.TCP_HEADER_BYTES + optionBytes) << 2);
        Bytes.put8(out, tcp + Ip.TCP_FLAGS, FLAGS[random.nextInt(FLAGS.length)]);
        Bytes.put32(out, tcp + Ip.TCP_SEQUENCE, sequence);
        Bytes.put32(out, tcp + Ip.TCP_ACKNOWLEDGMENT, seldom() ? 1 : 0);
        Bytes.put16(out, tcp + Ip.TCP_WINDOW, seldom() ? 1 : 0);
        Bytes.put32(out, tcp + Ip.TCP_HEADER_BYTES, seldom() ? random.nextInt() : LARGE_MSS);
        sequence += payloadBytes - optionBytes + (seldom() ? 1 : 0);
    }

    /** Not a super-packet; its checksum is finished, or left to the device. */
    private void makePlain(ByteBuffer out) {
        if (protocol == Ip.ICMP || random.nextBoolean()) {
            VirtioNetHeader.writePlain(out, 0);
        } else {
            Bytes.put8(out, 1, VirtioNetHeader.GSO_NONE);
        }
    }
}
