package net.fougateway.takeover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import net.fougateway.linux.DescriptorSocket;
import net.fougateway.linux.Descriptors;
import net.fougateway.linux.Libc;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.NativeMemory;
import net.fougateway.linux.Sockets;
import net.fougateway.tun.DeviceMode;
import net.fougateway.udp.SourcePorts;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HandoverTest {

    private static final int O_RDONLY = 0;
    private static final int MANY = 600;

    private final List<Integer> opened = new ArrayList<>();
    private final DescriptorSocket here;
    private final DescriptorSocket there;

    HandoverTest() {
        NativeMemory pair = NativeMemory.allocate(2 * Integer.BYTES);
        pair.call(address -> Libc.socketpair(Sockets.AF_UNIX, Sockets.SOCK_SEQPACKET, 0, address));
        here = new DescriptorSocket(pair.buffer().getInt(0));
        there = new DescriptorSocket(pair.buffer().getInt(Integer.BYTES));
    }

    @AfterEach
    void close() {
        here.close();
        there.close();
        opened.forEach(Libc::close);
    }

    private int open(String file) {
        int fd = Libc.open(file, O_RDONLY);
        opened.add(fd);
        return fd;
    }

    private Handover handover(int sockets, int macs) throws Exception {
        SourcePorts.Kind kind = new SourcePorts.Kind(
                10, Optional.of(InetAddress.getByName("fd77::1")), 0, true, false, 64, "eth1", 0x77);
        List<Integer> fds =
                IntStream.range(0, sockets).mapToObj(i -> open("/dev/zero")).toList();
        List<Integer> ports =
                IntStream.range(0, sockets).mapToObj(i -> 40_000 + i).toList();
        return new Handover(
                open("/dev/null"),
                -5,
                new Handover.Device("fou0", DeviceMode.TAP, true, List.of(open("/dev/null"), open("/dev/zero"))),
                List.of("127.0.0.1:15555", "/run/x.sock"),
                List.of(
                        new Handover.Listener(open("/dev/null"), 0, InetAddress.getByName("0.0.0.0"), 5555, ""),
                        new Handover.Listener(open("/dev/zero"), 1, InetAddress.getByName("::"), 5555, "vrf1")),
                List.of(new Handover.Pool(kind, fds, ports)),
                new Handover.Memory(
                        Map.of("a", -1, "b", 7),
                        Map.of("a", 1400),
                        Map.of("b", 1_700_000_000_000L),
                        IntStream.range(0, macs)
                                .mapToObj(i -> new Handover.Mac(i, i % 4096, i % 2 == 0 ? "" : "a"))
                                .toList()));
    }

    @Test
    void arrivesAsItWasSentWithOpenDescriptors() throws Exception {
        Handover sent = handover(MANY, 20_000);
        CompletableFuture<Handover> arriving = CompletableFuture.supplyAsync(this::read);
        HandoverWriter.write(sent, there);
        Handover received = arriving.get();

        assertThat(received.flowKey()).isEqualTo(sent.flowKey());
        assertThat(received.memory()).isEqualTo(sent.memory());
        assertThat(received.admin()).isEqualTo(sent.admin());
        assertThat(received.device().name()).isEqualTo("fou0");
        assertThat(received.device().mode()).isEqualTo(DeviceMode.TAP);
        assertThat(received.device().created()).isTrue();
        assertThat(received.device().queues()).extracting(HandoverTest::file).containsExactly("/dev/null", "/dev/zero");
        assertThat(received.listeners()).extracting(Handover.Listener::worker).containsExactly(0, 1);
        assertThat(received.listeners()).extracting(Handover.Listener::device).containsExactly("", "vrf1");
        assertThat(received.listeners())
                .extracting(listener -> file(listener.fd()))
                .containsExactly("/dev/null", "/dev/zero");
        Handover.Pool pool = received.pools().get(0);
        assertThat(pool.kind()).isEqualTo(sent.pools().get(0).kind());
        assertThat(pool.ports()).isEqualTo(sent.pools().get(0).ports());
        assertThat(pool.sockets())
                .hasSize(MANY)
                .allSatisfy(fd -> assertThat(file(fd)).isEqualTo("/dev/zero"));
        received.discard();
    }

    private Handover read() {
        try {
            return HandoverReader.read(here);
        } catch (LinuxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String file(int fd) {
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd)).toString();
        } catch (Exception e) {
            return e.toString();
        }
    }

    @Test
    void whatALaterVersionSendsBesidesIsSkipped() throws Exception {
        int lock = open("/dev/null");
        there.send(
                "+novelty\tx\nnews\n+lock\ndevice\tfou0\tTUN\tfalse\tmore\n+queue\nend\n", List.of(lock, lock, lock));
        Handover received = HandoverReader.read(here);
        assertThat(received.device().queues()).hasSize(1);
        received.discard();
    }

    @Test
    void nonsenseIsToldAndLeavesNothingOpen() throws Exception {
        int queue = open("/dev/null");
        long before = Descriptors.openOf("self");
        for (String nonsense :
                List.of("+queue\n+queue\nend\n", "device\tfou0\n", "+lock\n+socket\t1\nend\n", "end\n")) {
            there.send(nonsense, List.of(queue));
            assertThatThrownBy(() -> HandoverReader.read(here)).hasMessageContaining("does not understand");
        }
        assertThat(Descriptors.openOf("self")).isEqualTo(before);
    }

    @Test
    void aRefusalIsTold() throws Exception {
        there.send("refused\tit runs as user 7\nend\n", List.of());
        assertThatThrownBy(() -> HandoverReader.read(here))
                .hasMessageContaining("hands nothing over: it runs as user 7");
    }

    @Test
    void whatWasLearnedDoesNotComeFromADeadGateway() throws Exception {
        HandoverWriter.write(new Handover.Memory(Map.of("a", 3), Map.of(), Map.of(), List.of()), there);
        assertThat(HandoverReader.readMemory(here).orElseThrow().sequences()).containsEntry("a", 3);
        there.close();
        assertThat(HandoverReader.readMemory(here)).isEmpty();
    }
}
