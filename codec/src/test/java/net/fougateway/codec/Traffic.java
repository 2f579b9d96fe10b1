package net.fougateway.codec;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Random packets of several flows, such as real hosts send and worse: all that decides about joining changes now and then. */
final class Traffic {

    private static final class Flow {
        final int number;
        final boolean ipv4;
        final boolean tcp;
        final boolean dontFragment;
        final int size;
        int id;
        int sequence;
        int acknowledgment = 7;
        int tos;

        Flow(int number, Random random) {
            this.number = number;
            ipv4 = random.nextBoolean();
            tcp = random.nextBoolean();
            dontFragment = random.nextBoolean();
            size = 1 + random.nextInt(random.nextBoolean() ? 1400 : 20);
            id = random.nextInt(65_536);
            sequence = random.nextInt();
        }

        PacketBuilder head() {
            PacketBuilder builder = PacketBuilder.ip(ipv4)
                    .id(id & 0xffff)
                    .tos(tos)
                    .dontFragment(dontFragment)
                    .sequence(sequence)
                    .acknowledgment(acknowledgment);
            return tcp ? builder.tcp(1000 + number, 443) : builder.udp(1000 + number, 443);
        }
    }

    private final Random random;
    private final List<Flow> flows = new ArrayList<>();

    Traffic(Random random) {
        this.random = random;
        int count = 1 + random.nextInt(5);
        for (int i = 0; i < count; i++) {
            flows.add(new Flow(i, random));
        }
    }

    /** Packets in the order in which they arrive; some of them were damaged on the way. */
    List<byte[]> packets(int count) {
        List<byte[]> packets = new ArrayList<>();
        while (packets.size() < count) {
            Flow flow = flows.get(random.nextInt(flows.size()));
            for (int burst = 1 + random.nextInt(12); burst > 0; burst--) {
                packets.add(next(flow));
            }
        }
        for (int i = random.nextInt(4); i > 0; i--) {
            int from = random.nextInt(packets.size());
            packets.add(random.nextInt(packets.size()), packets.remove(from));
        }
        for (int i = random.nextInt(4); i > 0; i--) {
            byte[] packet = packets.get(random.nextInt(packets.size()));
            packet[random.nextInt(packet.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return packets;
    }

    private byte[] next(Flow flow) {
        if (random.nextInt(15) == 0) {
            flow.tos = random.nextInt(4);
        }
        if (random.nextInt(15) == 0) {
            flow.acknowledgment++;
        }
        int length = random.nextInt(10) == 0 ? random.nextInt(flow.size + 10) : flow.size;
        byte[] payload = new byte[length];
        random.nextBytes(payload);
        PacketBuilder builder = flow.head().payload(payload).flags(flags());
        int oddity = random.nextInt(60);
        if (oddity == 0) {
            builder.noChecksum();
        } else if (oddity == 1) {
            builder.badChecksum();
        } else if (oddity == 2) {
            builder.fragment(random.nextInt(3) * 800, random.nextBoolean());
        }
        flow.id += random.nextInt(20) == 0 ? 2 : 1;
        flow.sequence += length;
        return builder.build();
    }

    private int flags() {
        return switch (random.nextInt(20)) {
            case 0 -> random.nextInt(256);
            case 1, 2 -> 0x18;
            case 3 -> 0x50;
            default -> 0x10;
        };
    }

    /** A super-packet as the kernel hands it over, of a flow that is numbered. */
    byte[] superPacket(int flow, int gsoSize, int bytes) {
        Flow of = flows.get(flow % flows.size());
        byte[] payload = new byte[bytes];
        random.nextBytes(payload);
        byte[] packet = of.head()
                .payload(payload)
                .flags(random.nextBoolean() ? 0x10 : 0x18)
                .buildPartial();
        of.sequence += bytes;
        of.id += (bytes + gsoSize - 1) / gsoSize;
        return packet;
    }

    static int gsoType(byte[] packet) {
        int tcp = Naive.isIpv4(packet) ? VirtioNetHeader.GSO_TCPV4 : VirtioNetHeader.GSO_TCPV6;
        return Naive.protocol(packet) == Ip.TCP ? tcp : VirtioNetHeader.GSO_UDP_L4;
    }
}
