package net.fougateway.codec;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;

/** Input for tests that throw rubbish at the code. */
final class Mutations {

    private static final byte[][] VALID = {
        PacketBuilder.ipv4().payload(20).build(),
        PacketBuilder.ipv4().tcp(1, 2).tcpOptions(new byte[12]).payload(64).build(),
        PacketBuilder.ipv4().ipOptions(new byte[8]).echo(1, 2).build(),
        PacketBuilder.ipv4().fragment(64, true).payload(32).build(),
        PacketBuilder.ipv6().payload(20).build(),
        PacketBuilder.ipv6().tcp(1, 2).payload(64).build(),
        PacketBuilder.ipv6().extension(0, 8).extension(60, 16).echo(1, 2).build(),
        PacketBuilder.ipv6().fragment(64, true).payload(32).build(),
        PacketBuilder.ipv4().transport(Ip.ESP, new byte[32]).build(),
        PacketBuilder.ipv6().transport(Ip.AH, new byte[32]).build()
    };

    private static final Encapsulation[] ENCAPSULATIONS = {
        Fou.PLAIN,
        new Gue(false, null),
        new Gue(true, null),
        new Fou(Gre.PLAIN),
        new Fou(new Gre(true, 42, true, true)),
        new Gue(true, new Gre(false, 0, false, true))
    };

    private Mutations() {}

    /** Random bytes, of which most begin as an IP packet does. */
    static byte[] random(Random random) {
        byte[] bytes = new byte[random.nextInt(128)];
        random.nextBytes(bytes);
        if (bytes.length > 0 && random.nextInt(8) > 0) {
            bytes[0] = (byte) (random.nextBoolean() ? 0x45 : 0x60);
        }
        return bytes;
    }

    /** A valid packet with some bytes changed, some cut off, some added. */
    static byte[] mutated(Random random) {
        byte[] bytes = VALID[random.nextInt(VALID.length)];
        int length = random.nextInt(4) == 0 ? random.nextInt(bytes.length + 20) : bytes.length;
        byte[] copy = Arrays.copyOf(bytes, length);
        for (int i = random.nextInt(4); i > 0 && length > 0; i--) {
            copy[random.nextInt(random.nextBoolean() ? Math.min(length, 48) : length)] = (byte) random.nextInt();
        }
        return copy;
    }

    /** A valid packet behind a header of random kind, with some bytes changed, some cut off, some added. */
    static byte[] encapsulated(Random random) {
        byte[] packet = mutated(random);
        Encapsulation encapsulation = ENCAPSULATIONS[random.nextInt(ENCAPSULATIONS.length)];
        byte[] bytes = new byte[Encapsulation.MAX_HEADER_BYTES + packet.length];
        System.arraycopy(packet, 0, bytes, Encapsulation.MAX_HEADER_BYTES, packet.length);
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        int start =
                encapsulation.remoteChecksum() && random.nextBoolean() ? random.nextInt(64) : Encapsulation.FINISHED;
        long sum = Checksum.sum(buffer, Encapsulation.MAX_HEADER_BYTES, packet.length);
        int header = Headers.write(
                encapsulation,
                buffer,
                Encapsulation.MAX_HEADER_BYTES,
                random.nextBoolean(),
                random.nextInt(),
                sum,
                start);
        byte[] datagram = Arrays.copyOfRange(bytes, Encapsulation.MAX_HEADER_BYTES - header, bytes.length);
        if (header > 0 && random.nextInt(3) == 0) {
            datagram[random.nextInt(header)] ^= (byte) (1 << random.nextInt(8));
        }
        return datagram;
    }
}
