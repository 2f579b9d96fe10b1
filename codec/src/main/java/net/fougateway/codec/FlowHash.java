package net.fougateway.codec;

import java.nio.ByteBuffer;

/**
 * Hash of the inner flow, from which the outer UDP source port is chosen.
 *
 * <p>Input are addresses, protocol (of a frame without IP the MAC addresses and EtherType), and where there are such: ports (TCP, UDP, SCTP), the identifier of ICMP echo, the SPI of ESP
 * and AH. Fragments hash without ports, all of them, so that one packet keeps one port. Nothing that changes within a flow
 * counts: neither DF, nor flow label, nor TOS. Keyed, so that an outsider cannot aim flows at one port.
 */
public final class FlowHash {

    private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

    private final long key;

    /**
     * A hash function.
     *
     * @param key secret; the same key gives the same hashes
     */
    public FlowHash(long key) {
        this.key = key;
    }

    /** Hash of the packet's flow, all 32 bits well mixed. */
    public int of(InnerPacket packet) {
        long hash = mix(key ^ packet.sourceHigh());
        hash = mix(hash ^ packet.destinationHigh());
        if (!packet.isIpv4()) {
            hash = mix(hash ^ packet.sourceLow());
            hash = mix(hash ^ packet.destinationLow());
        }
        hash = mix(hash ^ ((long) packet.protocol() << 32) ^ (transportKey(packet) & 0xffffffffL));
        return (int) (hash >>> 32);
    }

    private static int transportKey(InnerPacket packet) {
        if (packet.isFragment() || packet.transportLength() < 8) {
            return 0;
        }
        ByteBuffer buffer = packet.buffer();
        int transport = packet.transportOffset();
        return switch (packet.protocol()) {
            case Ip.TCP, Ip.UDP, Ip.SCTP, Ip.ESP -> Bytes.i32(buffer, transport);
            case Ip.AH -> Bytes.i32(buffer, transport + 4);
            case Ip.ICMP -> echoIdentifier(buffer, transport, 0, 8);
            case Ip.ICMPV6 -> echoIdentifier(buffer, transport, 128, 129);
            default -> 0;
        };
    }

    private static int echoIdentifier(ByteBuffer buffer, int icmp, int reply, int request) {
        int type = Bytes.u8(buffer, icmp);
        return type == reply || type == request ? Bytes.u16(buffer, icmp + 4) : 0;
    }

    private static long mix(long value) {
        long mixed = (value ^ (value >>> 32)) * MULTIPLIER;
        mixed = (mixed ^ (mixed >>> 29)) * MULTIPLIER;
        return mixed ^ (mixed >>> 32);
    }

    /** Maps a hash evenly to 0..{@code buckets}−1. */
    public static int bucket(int hash, int buckets) {
        return (int) (((hash & 0xffffffffL) * buckets) >>> 32);
    }
}
