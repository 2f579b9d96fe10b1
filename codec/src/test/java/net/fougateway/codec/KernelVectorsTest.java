package net.fougateway.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Packets that a Linux kernel sent, each file with the commands that made it. They decode, and what we would send is the same. */
class KernelVectorsTest {

    private static final Path DIRECTORY = Path.of("src/test/resources/vectors");
    private static final int END = Encapsulation.MAX_HEADER_BYTES;
    private static final int REMOTE_CHECKSUM = 2;

    private final Decapsulator decapsulator = new Decapsulator();
    private final InnerPacket inner = new InnerPacket();

    /** Name of the file, number of the packet, and the packet from the outer IP header on. */
    static Stream<Arguments> packets() throws IOException {
        try (Stream<Path> files = Files.list(DIRECTORY)) {
            List<Path> sorted = files.sorted().toList();
            return sorted.stream().flatMap(KernelVectorsTest::packetsOf);
        }
    }

    /** All but those in which the kernel leaves the checksum of GRE to the receiver, as we never do. */
    static Stream<Arguments> determined() throws IOException {
        return packets().filter(packet -> {
            Object[] values = packet.get();
            boolean ping = (int) values[1] % 2 == 0;
            return !(ping && values[0].toString().contains("remcsum-gre-csum"));
        });
    }

    private static Stream<Arguments> packetsOf(Path file) {
        List<String> hex = lines(file).filter(line -> !line.startsWith("#")).toList();
        return Stream.iterate(0, i -> i < hex.size(), i -> i + 1)
                .map(i -> Arguments.of(
                        file.getFileName().toString(), i, HexFormat.of().parseHex(hex.get(i))));
    }

    private static Stream<String> lines(Path file) {
        try {
            return Files.readAllLines(file).stream();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("packets")
    void decodes(String file, int number, byte[] packet) {
        assertThat(Naive.problems(packet)).isEmpty();

        byte[] decoded = decapsulate(file, udpPayload(packet));

        assertThat(inner.isIpv4()).isEqualTo(number < 2);
        assertThat(decapsulator.hasGre()).isEqualTo(file.contains("gre"));
        if (inner.protocol() == Ip.UDP) {
            assertThat(Naive.problems(decoded)).isEmpty();
        }
        if (file.contains("key")) {
            assertThat(decapsulator.gre().key()).isEqualTo(42);
        }
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("determined")
    void encodesTheSame(String file, int number, byte[] packet) {
        byte[] sent = udpPayload(packet);
        byte[] decoded = decapsulate(file, sent);
        boolean remoteChecksum = file.contains("gue") && sent[0] == REMOTE_CHECKSUM;
        byte[] buffer = Naive.join(new byte[END], Arrays.copyOfRange(sent, inner.offset(), sent.length));
        int transport = inner.transportOffset() - inner.offset();
        Encapsulator encapsulator = new Encapsulator();
        encapsulator.begin(
                Encapsulation.of(file.contains("gue") ? Format.GUE : Format.FOU, remoteChecksum, gre()), inner);
        if (remoteChecksum) {
            encapsulator.leaveChecksum(transport, transport + Ip.UDP_CHECKSUM);
        }
        int header = encapsulator.write(
                ByteBuffer.wrap(buffer),
                END,
                decapsulator.hasGre() ? decapsulator.gre().sequence() : 0,
                Checksum.sum(ByteBuffer.wrap(decoded), 0, decoded.length));

        assertThat(Arrays.copyOfRange(buffer, END - header, buffer.length)).isEqualTo(sent);
    }

    /** The inner packet, as we would pass it on. */
    private byte[] decapsulate(String file, byte[] payload) {
        byte[] bytes = payload.clone();
        PortPayload port = file.contains("gue") ? PortPayload.GUE : PortPayload.FOU;
        assertThat(decapsulator.decapsulate(ByteBuffer.wrap(bytes), 0, bytes.length, port, inner))
                .isNull();
        assertThat(inner.end()).isEqualTo(bytes.length);
        return Arrays.copyOfRange(bytes, inner.offset(), bytes.length);
    }

    private Gre gre() {
        GreHeader header = decapsulator.gre();
        return decapsulator.hasGre()
                ? new Gre(header.hasKey(), header.key(), header.hasChecksum(), header.hasSequence())
                : null;
    }

    private static byte[] udpPayload(byte[] packet) {
        return Arrays.copyOfRange(packet, Naive.transportOffset(packet) + Ip.UDP_HEADER_BYTES, packet.length);
    }
}
