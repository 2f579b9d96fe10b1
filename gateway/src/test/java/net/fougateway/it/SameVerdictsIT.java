package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import net.fougateway.codec.Naive;
import net.fougateway.codec.PacketBuilder;
import net.fougateway.ebpf.Verdict;
import net.fougateway.it.HostPrograms.Engine;
import org.junit.jupiter.api.Test;

/** The same packets through user space alone and with the programs of the kernel beside it: the same bytes, the same counters. */
class SameVerdictsIT {

    private static final String CONFIG = """
            device: {name: fou0, address: [], mtu: 1500, offload: off}
            workers: 1
            routes: {install: false}
            listen:
              - {port: 5555}
              - {port: 5556, encapsulation: gue}
              - {port: 5557, ipproto: 4}
            peers:
              - {name: fou, remote: 10.77.0.2, source_port: 4001, allowed_ips: [10.1.0.0/16, "fd00:1::/32"]}
              - {name: gue, remote: 10.77.0.3, source_port: 4002, encapsulation: gue, port: 5556, tos: 40, ttl: inherit,
                 allowed_ips: [10.2.0.0/16, "fd00:2::/32"]}
              - {name: six, remote: "fd77::4", source_port: 4003, ttl: 9, mss_clamp: off,
                 allowed_ips: [10.3.0.0/16, "fd00:3::/32"]}
              - {name: six-gue, remote: "fd77::5", source_port: 4004, encapsulation: gue, port: 5556, checksum: false,
                 ttl: inherit, allowed_ips: [10.4.0.0/16, "fd00:4::/32"]}
              - {name: gre, remote: 10.77.0.6, source_port: 4005, protocol: gre, allowed_ips: [10.5.0.0/16, "fd00:5::/32"]}
              - {name: loose-df, remote: 10.77.0.7, source_port: 4006, pmtu_discovery: false, checksum: false,
                 port: {4: 5557, 41: 5555, 47: 5555}, allowed_ips: [10.6.0.0/16, "fd00:6::/32"]}
              - {name: nested, remote: 10.77.0.8, source_port: 4007, tos: 0, allowed_ips: [10.1.2.0/24, "fd00:1:2::/48"]}
              - {name: twin, remote: 10.77.0.2, source_port: 4008, allowed_ips: [10.8.0.0/16, "fd00:8::/32"]}
              - {name: loop, remote: 10.77.0.9, source_port: 4009, allowed_ips: [10.77.0.0/24, "fd77::/64", "::/0"]}
            """;

    private static final String[] INNER = {
        "10.1.0.1",
        "10.1.2.1",
        "10.2.9.9",
        "10.3.0.3",
        "10.4.0.1",
        "10.5.0.1",
        "10.6.0.1",
        "10.8.8.8",
        "10.9.0.1",
        "10.77.0.2",
        "10.77.0.7",
        "fd00:1::1",
        "fd00:1:2::1",
        "fd00:2::9",
        "fd00:3::1",
        "fd00:4::1",
        "fd00:5::1",
        "fd00:6::1",
        "fd00:8::8",
        "2001:db8::1",
        "fd77::4"
    };
    /** Who may send what: outer address, inner addresses. */
    private static final String[][] SENDERS = {
        {"10.77.0.2", "10.1.0.1", "10.8.8.8", "fd00:1::1", "fd00:8::8"},
        {"10.77.0.3", "10.2.9.9", "fd00:2::9"},
        {"fd77::4", "10.3.0.3", "fd00:3::1"},
        {"fd77::5", "10.4.0.1", "fd00:4::1"},
        {"10.77.0.6", "10.5.0.1", "fd00:5::1"},
        {"10.77.0.7", "10.6.0.1", "fd00:6::1"},
        {"10.77.0.8", "10.1.2.1", "fd00:1:2::1"},
        {"10.77.0.9", "10.77.0.7", "2001:db8::1"},
        {"10.77.0.10", "10.1.0.1", "fd00:9::1"},
        {"fd77::6", "10.9.0.1", "fd00:1::1"}
    };

    private static final int PACKETS = 10_000;
    private static final int BATCH = 32;
    private static final String END = "the last packet of batch ";
    private static final int END_PORT = 9;
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int QUIET_MILLIS = 300;

    private final long seed = System.nanoTime();

    /** What came out, and what was counted. */
    private record Outcome(List<String> packets, Map<String, Long> books, Map<Verdict, Long> verdicts) {}

    @Test
    void datagramsArriveAlike() throws Exception {
        System.out.println("SameVerdictsIT: datagrams of seed " + seed);
        Outcome alone = run(Engine.USER_SPACE, this::receive);
        Outcome tc = run(Engine.TC, this::receive);
        assertSame(alone, tc);
        Outcome xdp = run(Engine.TC_AND_XDP, this::receive);
        assertSame(alone, xdp);
        assertThat(tc.verdicts)
                .as("reasons that came up")
                .containsKeys(Verdict.IN_TAKEN, Verdict.IN_ODD, Verdict.IN_SOURCE, Verdict.IN_ECN, Verdict.IN_SYN);
        assertThat(xdp.verdicts).isEqualTo(tc.verdicts);
    }

    @Test
    void packetsLeaveAlike() throws Exception {
        System.out.println("SameVerdictsIT: packets of seed " + seed);
        Outcome alone = run(Engine.USER_SPACE, this::send);
        Outcome tc = run(Engine.TC, this::send);
        assertSame(alone, tc);
        assertThat(tc.verdicts)
                .as("reasons that came up")
                .containsKeys(
                        Verdict.OUT_TAKEN,
                        Verdict.OUT_ODD,
                        Verdict.OUT_PEER,
                        Verdict.OUT_LOOP,
                        Verdict.OUT_SYN,
                        Verdict.OUT_TOO_BIG,
                        Verdict.OUT_NO_CHECKSUM);
    }

    private interface Traffic {
        List<String> pass(ProgramsLab lab) throws Exception;
    }

    private static Outcome run(Engine engine, Traffic traffic) throws Exception {
        try (ProgramsLab lab = new ProgramsLab(Lab.create(), CONFIG, engine, 1)) {
            List<String> packets = traffic.pass(lab);
            Collections.sort(packets);
            Outcome outcome = new Outcome(packets, lab.books(), lab.verdicts());
            if (engine != Engine.USER_SPACE) {
                lab.assertCountsAgree();
            }
            System.out.println(
                    "SameVerdictsIT: %s: %d came out, %s".formatted(engine, packets.size(), outcome.verdicts));
            return outcome;
        }
    }

    private static void assertSame(Outcome alone, Outcome with) {
        List<String> missing = minus(alone.packets, with.packets);
        List<String> additional = minus(with.packets, alone.packets);
        assertThat(missing.subList(0, Math.min(5, missing.size())))
                .as("%d packets that user space alone lets out; instead of %s", missing.size(), first(additional))
                .isEmpty();
        assertThat(first(additional))
                .as("packets that only come out with programs")
                .isEmpty();
        assertThat(with.books).isEqualTo(alone.books);
    }

    private static List<String> first(List<String> packets) {
        return packets.subList(0, Math.min(5, packets.size()));
    }

    private static List<String> minus(List<String> all, List<String> others) {
        List<String> rest = new ArrayList<>();
        int j = 0;
        for (String packet : all) {
            while (j < others.size() && others.get(j).compareTo(packet) < 0) {
                j++;
            }
            if (j < others.size() && others.get(j).equals(packet)) {
                j++;
            } else {
                rest.add(packet);
            }
        }
        return rest;
    }

    /** Datagrams from the tester; what comes out of the tunnel device. */
    private List<String> receive(ProgramsLab lab) throws Exception {
        OddPackets random = new OddPackets(seed, true);
        byte[] ethernet4 = lab.ethernet(true);
        byte[] ethernet6 = lab.ethernet(false);
        try (PacketSocket wire = lab.tester().call(() -> PacketSocket.writer("eth0", PacketSocket.ETH_P_IP));
                PacketSocket device = lab.host().call(() -> PacketSocket.reader("fou0"))) {
            Passage passage = new Passage(
                    packet -> wire.send(Naive.join(packet[0] >> 4 == 6 ? ethernet6 : ethernet4, packet)),
                    device,
                    packet -> packet);
            for (int sent = 0; sent < PACKETS; sent += BATCH) {
                List<byte[]> batch = new ArrayList<>();
                for (int i = 0; i < BATCH; i++) {
                    String[] sender = SENDERS[random.below(SENDERS.length)];
                    String[] sources = random.below(6) == 0 ? INNER : Arrays.copyOfRange(sender, 1, sender.length);
                    byte[] inner = random.inner(sources, new String[] {"10.200.0.1", "fd00:200::1"});
                    batch.add(random.outer(sender[0], ProgramsLab.LOCAL, inner));
                }
                batch.removeIf(packet -> packet.length < 20 || packet.length > 1500);
                for (int port : new int[] {5555, 5556, 5557}) {
                    byte[] inner = last("10.1.0.1", "10.200.0.1", passage.batches + " to " + port);
                    byte[] payload = port == 5556 ? Naive.join(new byte[] {0, 4, 0, 0}, inner) : inner;
                    batch.add(PacketBuilder.ipv4()
                            .from("10.77.0.2")
                            .to("10.77.0.1")
                            .udp(7, port)
                            .payload(payload)
                            .build());
                }
                passage.pass(batch, 3);
            }
            return passage.finish();
        }
    }

    /** Packets into the tunnel device; what the tester gets. */
    private List<String> send(ProgramsLab lab) throws Exception {
        OddPackets random = new OddPackets(seed, false);
        String[] from = {"10.200.0.1", "fd00:200::1"};
        try (PacketSocket four = lab.host().call(() -> PacketSocket.writer("fou0", PacketSocket.ETH_P_IP));
                PacketSocket six = lab.host().call(() -> PacketSocket.writer("fou0", PacketSocket.ETH_P_IPV6));
                PacketSocket wire = lab.tester().call(() -> PacketSocket.reader("eth0"))) {
            Passage passage = new Passage(
                    packet -> (packet[0] >> 4 == 6 ? six : four).send(packet),
                    wire,
                    SameVerdictsIT::withoutWhatIsRandom);
            for (int sent = 0; sent < PACKETS; sent += BATCH) {
                List<byte[]> batch = new ArrayList<>();
                for (int i = 0; i < BATCH; i++) {
                    batch.add(random.inner(from, INNER));
                }
                batch.removeIf(packet -> packet.length == 0 || packet.length > 1500);
                batch.add(last("10.200.0.1", "10.1.0.1", passage.batches + ""));
                passage.pass(batch, 1);
            }
            return passage.finish();
        }
    }

    /** A packet with options, which is user space's in every case. */
    private static byte[] last(String from, String to, String text) {
        return PacketBuilder.ipv4()
                .from(from)
                .to(to)
                .ipOptions(new byte[] {1, 1, 1, 1})
                .udp(END_PORT, END_PORT)
                .payload((END + text).getBytes(StandardCharsets.US_ASCII))
                .build();
    }

    /** The flow label, and where there is no DF the ID of IPv4, are at the sender's choice. */
    private static byte[] withoutWhatIsRandom(byte[] packet) {
        byte[] copy = packet.clone();
        if (copy[0] >> 4 == 6) {
            copy[1] &= (byte) 0xf0;
            Naive.put16(copy, 2, 0);
        } else if ((copy[6] & 0x40) == 0) {
            assertThat(Naive.checksum(Arrays.copyOf(copy, 20)))
                    .as(HexFormat.of().formatHex(copy))
                    .isZero();
            Naive.put16(copy, 4, 0);
            Naive.put16(copy, 10, 0);
        }
        return copy;
    }

    /** Sends batch after batch, and notes what comes out. */
    private static final class Passage {

        private interface Sender {
            void send(byte[] packet) throws IOException;
        }

        private final Sender in;
        private final PacketSocket out;
        private final UnaryOperator<byte[]> normal;
        private final List<String> seen = new ArrayList<>();
        private int batches;

        Passage(Sender in, PacketSocket out, UnaryOperator<byte[]> normal) {
            this.in = in;
            this.out = out;
            this.normal = normal;
        }

        /** Goes on when the {@code ends} last packets have come out. */
        void pass(List<byte[]> batch, int ends) throws Exception {
            for (byte[] packet : batch) {
                in.send(packet);
            }
            long limit = System.nanoTime() + LIMIT.toNanos();
            int missing = ends;
            while (missing > 0) {
                missing -= take(SameVerdictsIT::isLast);
                assertThat(System.nanoTime())
                        .as("batch %d passes in time", batches)
                        .isLessThan(limit);
            }
            batches++;
        }

        List<String> finish() throws InterruptedException {
            for (int i = 0; i < QUIET_MILLIS; i++) {
                take(packet -> false);
                Thread.sleep(1);
            }
            return seen;
        }

        private int take(Predicate<byte[]> wanted) {
            int found = 0;
            for (byte[] packet = out.poll(); packet.length > 0; packet = out.poll()) {
                if (isOurs(packet)) {
                    seen.add(HexFormat.of().formatHex(normal.apply(packet)));
                    found += wanted.test(packet) ? 1 : 0;
                }
            }
            return found;
        }
    }

    private static boolean isLast(byte[] packet) {
        return new String(packet, StandardCharsets.ISO_8859_1).contains(END);
    }

    /** False for what hosts say of themselves. */
    private static boolean isOurs(byte[] packet) {
        boolean multicast = packet[0] >> 4 == 6 && packet.length > 24 && packet[24] == -1;
        return ByteBuffer.wrap(packet).remaining() >= 20 && !multicast && packet[0] >> 4 != 0;
    }
}
