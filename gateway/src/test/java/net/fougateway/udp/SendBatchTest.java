package net.fougateway.udp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.Optional;
import net.fougateway.linux.NativeMemory;
import net.fougateway.route.Peers;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The border tells what became of each message and datagram, and nothing else. */
class SendBatchTest {

    private static final int EIO = 5;
    private static final int EAGAIN = 11;
    private static final int ENETUNREACH = 101;
    private static final int SOCKET = 7;
    private static final int ENCAPSULATION_BYTES = 4;
    private static final int TAG = 3;

    private final InMemoryUdp udp = new InMemoryUdp(true);
    private final SendBatch batch = new SendBatch(udp);
    private final OutgoingMessages messages = batch.messages();
    private final NativeMemory memory = NativeMemory.allocate(4096);

    private void add(String to, int... datagramBytes) {
        InetAddress address = Peers.address(to);
        batch.select(SOCKET, new Destination(address, 5555, Optional.empty()), Destination.FIXED, 0, TAG);
        batch.join(1400);
        for (int bytes : datagramBytes) {
            batch.add(ENCAPSULATION_BYTES, memory.address(), bytes, 0, 0);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.2", "2001:db8::2"})
    void eachMessageHasItsOwnErrorNumber(String to) {
        add(to, 100, 100);
        add(to, 150);
        add(to, 300);
        udp.refuse(message -> message.bytes().length == 150 ? ENETUNREACH : 0);
        batch.send();

        assertThat(messages.messages()).isEqualTo(3);
        assertThat(messages.errno(0)).isZero();
        assertThat(messages.errno(1)).isEqualTo(ENETUNREACH);
        assertThat(messages.errno(2)).isZero();
        assertThat(messages.tag(1)).isEqualTo(TAG);
        assertThat(messages.segments(0)).isEqualTo(2);
        assertThat(messages.innerBytes(0)).isEqualTo(2 * (100 - ENCAPSULATION_BYTES));
        assertThat(messages.isApart(1)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.2", "2001:db8::2"})
    void refusedSegmentsAreSentAgainOneByOne(String to) {
        add(to, 100, 100, 90);
        udp.refuse(message -> message.segmentBytes() > 0 || message.bytes().length == 90 ? EIO : 0);
        batch.send();

        assertThat(messages.errno(0)).isEqualTo(EIO);
        assertThat(messages.isApart(0)).isTrue();
        int datagram = messages.firstDatagram(0);
        assertThat(messages.errnoAlone(datagram)).isZero();
        datagram = messages.nextDatagram(messages.nextDatagram(datagram));
        assertThat(messages.errnoAlone(datagram)).isEqualTo(EIO);
        assertThat(messages.nextDatagram(datagram)).isEqualTo(OutgoingMessages.NONE);
        assertThat(udp.sent()).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {EAGAIN, 105})
    void withoutRoomNothingIsSentAgain(int errno) {
        add("192.0.2.2", 100, 100);
        udp.refuse(message -> errno);
        batch.send();

        assertThat(messages.errno(0)).isEqualTo(errno);
        assertThat(messages.isApart(0)).isFalse();
        assertThat(udp.calls()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void whatAnExceptionLeftUnsentSaysSo(int datagrams) {
        udp.takeAtMost(1);
        add("192.0.2.2", 100);
        add("192.0.2.3", datagrams == 1 ? new int[] {200} : new int[] {200, 200});
        add("192.0.2.4", 300);
        udp.refuse(message -> {
            if (message.bytes().length == 200) {
                throw new IllegalStateException("a fault");
            }
            return message.segmentBytes() > 0 ? EIO : 0;
        });
        assertThatThrownBy(batch::send).isInstanceOf(IllegalStateException.class);

        assertThat(messages.errno(0)).isZero();
        assertThat(messages.errno(1)).isEqualTo(datagrams == 1 ? OutgoingMessages.UNSENT : EIO);
        assertThat(messages.errnoAlone(messages.firstDatagram(1)))
                .isEqualTo(datagrams == 1 ? 0 : OutgoingMessages.UNSENT);
        assertThat(messages.errno(2)).isEqualTo(OutgoingMessages.UNSENT);

        batch.clear();
        udp.refuse(message -> 0);
        batch.send();
        assertThat(batch.isEmpty()).isTrue();
        assertThat(udp.sent()).hasSize(1);
    }
}
