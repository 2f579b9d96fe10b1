package net.fougateway.it;

import java.util.Arrays;
import java.util.Random;
import net.fougateway.codec.Naive;
import net.fougateway.codec.PacketBuilder;

/** Random packets of which most are right and many are odd. The same seed gives the same packets. */
final class OddPackets {

    private static final int SYN = 0x02;
    private static final int ACK = 0x10;
    /** Neither TCP, UDP nor ICMP: IPv4 and IPv6 in IP, GRE, ESP, AH, SCTP. */
    private static final int[] OTHER_PROTOCOLS = {4, 41, 47, 50, 51, 132};

    private static final int[] IPV6_NEXT_HEADERS = {0, 43, 44, 50, 59, 60};
    private static final int[] PORTS = {5555, 5556, 5557, 5555, 5556, 5557, 5558};

    private final Random random;
    private final boolean ruinsChecksums;

    /**
     * Packets to come.
     *
     * @param ruinsChecksums whether checksums of TCP and UDP may be wrong
     */
    OddPackets(long seed, boolean ruinsChecksums) {
        random = new Random(seed);
        this.ruinsChecksums = ruinsChecksums;
    }

    private <T> T oneOf(T[] choices) {
        return choices[random.nextInt(choices.length)];
    }

    private int oneOf(int... choices) {
        return choices[random.nextInt(choices.length)];
    }

    private boolean oneIn(int times) {
        return random.nextInt(times) == 0;
    }

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    /** A packet as tunnels carry it; addresses are literals of either family, of which those of one are used. */
    byte[] inner(String[] from, String[] to) {
        boolean ipv4 = random.nextBoolean();
        PacketBuilder packet = PacketBuilder.ip(ipv4)
                .from(oneOf(ofFamily(from, ipv4)))
                .to(oneOf(ofFamily(to, ipv4)))
                .tos(random.nextInt(256))
                .ttl(1 + random.nextInt(255))
                .id(random.nextInt(1 << 16))
                .dontFragment(random.nextBoolean());
        if (!ipv4 && oneIn(3)) {
            packet.flowLabel(random.nextInt(1 << 20));
        }
        byte[] built = transport(packet, ipv4);
        return oneIn(6) ? damaged(built) : built;
    }

    private static String[] ofFamily(String[] addresses, boolean ipv4) {
        return Arrays.stream(addresses)
                .filter(address -> ipv4 != address.contains(":"))
                .toArray(String[]::new);
    }

    private byte[] transport(PacketBuilder packet, boolean ipv4) {
        int from = random.nextInt(1 << 16);
        int to = oneIn(4) ? oneOf(PORTS) : random.nextInt(1 << 16);
        int length = oneIn(8) ? random.nextInt(1500) : random.nextInt(200);
        return switch (random.nextInt(12)) {
            case 0, 1, 2, 3 -> tcp(packet.tcp(from, to), length).build();
            case 4, 5, 6 -> packet.udp(from, to).payload(bytes(length)).build();
            case 7 -> withIcmpChecksum(packet.echo(from, to).build(), ipv4);
            case 8 ->
                withIcmpChecksum(
                        packet.transport(ipv4 ? 1 : 58, bytes(8 + length)).build(), ipv4);
            case 9 -> packet.transport(oneOf(OTHER_PROTOCOLS), bytes(length)).build();
            case 10 ->
                packet.udp(from, to)
                        .fragment(oneIn(2) ? 0 : 64, oneIn(2))
                        .payload(bytes(length & ~7))
                        .build();
            default -> odd(packet.udp(from, to), ipv4).payload(bytes(length)).build();
        };
    }

    private PacketBuilder tcp(PacketBuilder packet, int length) {
        return packet.sequence(random.nextInt())
                .acknowledgment(random.nextInt())
                .flags(oneIn(8) ? SYN : ACK)
                .tcpOptions(oneIn(3) ? new byte[] {2, 4, 5, (byte) 0xb4} : new byte[0])
                .payload(bytes(length));
    }

    private PacketBuilder odd(PacketBuilder packet, boolean ipv4) {
        return switch (random.nextInt(5)) {
            case 4 -> ipv4 ? packet : tcp(packet.extension(60, 8).tcp(1, 2), 0).flags(SYN);
            case 0 -> ipv4 ? packet.ipOptions(new byte[] {1, 1, 1, 1}) : packet.extension(oneOf(0, 60), 8);
            case 1 -> ipv4 ? packet.badIpChecksum() : packet;
            case 2 -> packet.padding(1 + random.nextInt(8));
            default -> packet.noChecksum();
        };
    }

    /** The packet with the checksum that its ICMP or ICMPv6 message must have. */
    static byte[] withIcmpChecksum(byte[] packet, boolean ipv4) {
        int at = Naive.transportOffset(packet);
        byte[] message = Arrays.copyOfRange(packet, at, packet.length);
        Naive.put16(message, 2, 0);
        int sum = ipv4
                ? Naive.checksum(message)
                : Naive.checksum(Naive.pseudoHeader(packet, 58, message.length), message);
        Naive.put16(packet, at + 2, sum);
        return packet;
    }

    /** Something in the IP header changed, or some bytes cut off. */
    private byte[] damaged(byte[] packet) {
        byte[] copy = packet.clone();
        if (oneIn(4)) {
            return Arrays.copyOf(copy, random.nextInt(copy.length));
        }
        if (copy[0] >> 4 == 4) {
            copy[random.nextInt(20)] ^= (byte) (1 << random.nextInt(8));
        } else if (ruinsChecksums) {
            copy[random.nextInt(40)] ^= (byte) (1 << random.nextInt(8));
        } else if (oneIn(2)) {
            copy[6] = (byte) oneOf(IPV6_NEXT_HEADERS);
        } else {
            copy[oneOf(0, 4, 5)] ^= (byte) (1 << random.nextInt(8));
        }
        return copy;
    }

    /** A datagram of a tunnel, to that address which suits. */
    byte[] outer(String from, String[] to, byte[] inner) {
        boolean ipv4 = !from.contains(":");
        int port = oneOf(PORTS);
        PacketBuilder packet = PacketBuilder.ip(ipv4)
                .from(from)
                .to(oneOf(ofFamily(to, ipv4)))
                .tos(random.nextInt(256))
                .ttl(1 + random.nextInt(255))
                .dontFragment(random.nextBoolean())
                .udp(1 + random.nextInt(65535), port)
                .payload(payload(port, inner));
        if (oneIn(4)) {
            packet.noChecksum();
        }
        byte[] built = oneIn(20) ? odd(packet, ipv4).build() : packet.build();
        if (oneIn(30)) {
            built[Naive.transportOffset(built) + 5] ^= (byte) (1 << random.nextInt(6));
        }
        return built;
    }

    private byte[] payload(int port, byte[] inner) {
        boolean isGue = oneIn(10) ? random.nextBoolean() : port == 5556;
        if (!isGue) {
            return oneIn(30) ? Naive.join(new byte[] {0, 0, 8, 0}, inner) : inner;
        }
        byte[] header = {0, (byte) (inner.length > 0 && inner[0] >> 4 == 4 ? 4 : 41), 0, 0};
        if (oneIn(8)) {
            header[random.nextInt(4)] ^= (byte) (1 << random.nextInt(8));
        }
        return Naive.join(header, new byte[4 * (header[0] & 0x1f)], inner);
    }

    /** A number below {@code limit}. */
    int below(int limit) {
        return random.nextInt(limit);
    }
}
