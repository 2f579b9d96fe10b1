package net.fougateway.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.List;
import net.fougateway.codec.Checksum;
import net.fougateway.codec.Decapsulator;
import net.fougateway.codec.DropReason;
import net.fougateway.codec.Encapsulation;
import net.fougateway.codec.Fou;
import net.fougateway.codec.Gre;
import net.fougateway.codec.Headers;
import net.fougateway.codec.InnerPacket;
import net.fougateway.codec.InnerProtocol;
import net.fougateway.codec.PacketBuilder;
import net.fougateway.codec.PortPayload;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GreCheckTest {

    private static DropReason check(GreCheck check, Gre sent, int sequence) {
        byte[] packet = PacketBuilder.ipv6().payload(8).build();
        ByteBuffer buffer = ByteBuffer.allocate(Encapsulation.MAX_HEADER_BYTES + packet.length);
        buffer.put(Encapsulation.MAX_HEADER_BYTES, packet);
        long sum = Checksum.sum(buffer, Encapsulation.MAX_HEADER_BYTES, packet.length);
        int header = Headers.write(new Fou(sent), buffer, Encapsulation.MAX_HEADER_BYTES, false, sequence, sum);
        Decapsulator decapsulator = new Decapsulator();
        int start = Encapsulation.MAX_HEADER_BYTES - header;
        assertThat(decapsulator.decapsulate(
                        buffer,
                        start,
                        buffer.capacity() - start,
                        PortPayload.fou(InnerProtocol.GRE),
                        new InnerPacket()))
                .isNull();
        return check.check(decapsulator.gre(), 0);
    }

    private static GreCheck expecting(Gre gre) {
        return new GreCheck(List.of(Peers.peer(0, "192.0.2.2", Fou.PLAIN, gre, List.of())));
    }

    private static Gre gre(String options) {
        int key = options.contains("key7") ? 7 : 8;
        boolean keyed = options.contains("key");
        return new Gre(keyed, keyed ? key : 0, options.contains("csum"), options.contains("seq"));
    }

    @ParameterizedTest
    @CsvSource({
        "plain, plain,",
        "plain, seq,",
        "plain, key7, GRE_KEY_MISMATCH",
        "key7, plain, GRE_KEY_MISMATCH",
        "key7, key8, GRE_KEY_MISMATCH",
        "key7 csum seq, key7 csum seq,",
        "csum, plain, GRE_CHECKSUM_MISMATCH",
        "plain, csum, GRE_CHECKSUM_MISMATCH",
        "seq, plain, GRE_SEQUENCE",
    })
    void optionsMustBeTheConfiguredOnes(String expected, String sent, DropReason verdict) {
        assertThat(check(expecting(gre(expected)), gre(sent), 1)).isEqualTo(verdict);
    }

    @Test
    void gapsPassAndOldNumbersDoNot() {
        GreCheck check = expecting(gre("seq"));
        Gre sent = gre("seq");

        assertThat(check(check, sent, 1000)).isNull();
        assertThat(check(check, sent, 1001)).isNull();
        assertThat(check(check, sent, 1500)).isNull();
        assertThat(check(check, sent, 1500)).isEqualTo(DropReason.GRE_SEQUENCE);
        assertThat(check(check, sent, 1002)).isEqualTo(DropReason.GRE_SEQUENCE);
        assertThat(check(check, sent, 1501)).isNull();
    }

    @Test
    void numbersWrapAround() {
        GreCheck check = expecting(gre("seq"));
        Gre sent = gre("seq");

        assertThat(check(check, sent, -2)).isNull();
        assertThat(check(check, sent, -1)).isNull();
        assertThat(check(check, sent, 5)).isNull();
        assertThat(check(check, sent, -1)).isEqualTo(DropReason.GRE_SEQUENCE);
    }
}
