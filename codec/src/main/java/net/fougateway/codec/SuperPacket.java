package net.fougateway.codec;

import java.nio.ByteBuffer;

/** Makes super-packets as the kernel's TCP and UDP hand them to a TUN device, for the self-test and for training. */
public final class SuperPacket {

    private static final int TCP_ACK_AND_NO_OPTIONS = 0x5010;
    private static final int TTL = 64;

    private SuperPacket() {}

    /**
     * Writes a virtio header and a packet with addresses and {@code payloadBytes} of zeros at the start of {@code out}, to be cut into
     * segments of {@code segmentBytes} payload, the last of which may have less.
     *
     * @param version of IP
     * @param protocol {@link Ip#TCP} or {@link Ip#UDP}
     * @return bytes written, the virtio header included
     */
    public static int write(ByteBuffer out, int version, int protocol, int payloadBytes, int segmentBytes) {
        int ip = VirtioNetHeader.BYTES;
        int ipHeaderBytes = version == 4 ? Ip.V4_HEADER_BYTES : Ip.V6_HEADER_BYTES;
        boolean tcp = protocol == Ip.TCP;
        int transportHeaderBytes = tcp ? Ip.TCP_HEADER_BYTES : Ip.UDP_HEADER_BYTES;
        int transportBytes = transportHeaderBytes + payloadBytes;
        if (version == 4) {
            Bytes.put8(out, ip, 0x45);
            Bytes.put16(out, ip + Ip.V4_TOTAL_LENGTH, ipHeaderBytes + transportBytes);
            Bytes.put8(out, ip + Ip.V4_TTL, TTL);
            Bytes.put8(out, ip + Ip.V4_PROTOCOL, protocol);
        } else {
            Bytes.put8(out, ip, 0x60);
            Bytes.put16(out, ip + Ip.V6_PAYLOAD_LENGTH, transportBytes);
            Bytes.put8(out, ip + Ip.V6_NEXT_HEADER, protocol);
            Bytes.put8(out, ip + Ip.V6_HOP_LIMIT, TTL);
        }
        int transport = ip + ipHeaderBytes;
        if (tcp) {
            Bytes.put16(out, transport + Ip.TCP_DATA_OFFSET, TCP_ACK_AND_NO_OPTIONS);
        } else {
            Bytes.put16(out, transport + Ip.UDP_LENGTH, transportBytes);
        }
        int checksum = tcp ? Ip.TCP_CHECKSUM : Ip.UDP_CHECKSUM;
        Checksum.storePartial(out, transport + checksum, Checksum.word(protocol) + Checksum.word(transportBytes));
        VirtioNetHeader.writeSuperPacket(
                out,
                0,
                gsoType(version, tcp),
                ipHeaderBytes + transportHeaderBytes,
                segmentBytes,
                ipHeaderBytes,
                checksum);
        return transport + transportBytes;
    }

    /** As {@link #write}, behind an Ethernet header that no host takes for its own: all addresses are zero. */
    public static int writeFrame(ByteBuffer out, int version, int protocol, int payloadBytes, int segmentBytes) {
        int packet = VirtioNetHeader.BYTES;
        int frame = packet + EthernetFrame.BASE_BYTES;
        int length = write(out, version, protocol, payloadBytes, segmentBytes) - packet;
        int transport = VirtioNetHeader.checksumStart(out, 0);
        int checksum = VirtioNetHeader.checksumOffset(out, 0);
        out.put(frame, out.duplicate().slice(packet, length), 0, length);
        out.put(packet, new byte[EthernetFrame.BASE_BYTES]);
        Bytes.put16(out, frame - 2, version == 4 ? Gre.PAYLOAD_IPV4 : Gre.PAYLOAD_IPV6);
        VirtioNetHeader.writeSuperPacket(
                out,
                0,
                VirtioNetHeader.gsoType(out, 0),
                EthernetFrame.BASE_BYTES + transport + (protocol == Ip.TCP ? Ip.TCP_HEADER_BYTES : Ip.UDP_HEADER_BYTES),
                segmentBytes,
                EthernetFrame.BASE_BYTES + transport,
                checksum);
        return frame + length;
    }

    private static int gsoType(int version, boolean tcp) {
        if (!tcp) {
            return VirtioNetHeader.GSO_UDP_L4;
        }
        return version == 4 ? VirtioNetHeader.GSO_TCPV4 : VirtioNetHeader.GSO_TCPV6;
    }
}
