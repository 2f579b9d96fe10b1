package net.fougateway.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Joining and cutting undo one another, for random traffic. A failure names the seed. */
class MergeAndSplitPropertyTest {

    @Test
    void cuttingWhatWasJoinedGivesTheVeryPacketsInTheOrderOfEachFlow() {
        int packets = 0;
        int runs = 0;
        for (long seed = 0; seed < 1500; seed++) {
            List<byte[]> arrived = intact(new Traffic(new Random(seed)).packets(40));
            List<Merger.Run> written = Merger.merge(arrived);
            List<byte[]> delivered = new ArrayList<>();
            written.forEach(run -> delivered.addAll(run.split()));
            assertThat(byFlow(delivered)).as("seed %d", seed).isEqualTo(byFlow(arrived));
            packets += arrived.size();
            runs += written.size();
        }
        assertThat(packets).as("packets in %d runs", runs).isGreaterThan(2 * runs);
    }

    /** A fragment may be of any flow between its addresses, so it keeps its place among the packets of each of them. */
    @Test
    void nothingOvertakesAFragmentAndNoFragmentOvertakesAnything() {
        int fragments = 0;
        for (long seed = 0; seed < 300; seed++) {
            List<byte[]> arrived = intact(new Traffic(new Random(seed)).packets(60));
            List<byte[]> delivered = new ArrayList<>();
            Merger.merge(arrived).forEach(run -> delivered.addAll(run.split()));
            for (byte[] packet : arrived) {
                assertThat(among(delivered, packet)).as("seed %d", seed).isEqualTo(among(arrived, packet));
                fragments += isFragment(packet) ? 1 : 0;
            }
        }
        assertThat(fragments).isGreaterThan(30);
    }

    /** The packets of one flow and all fragments between its addresses, in their order. */
    private static List<String> among(List<byte[]> packets, byte[] ofFlow) {
        return packets.stream()
                .filter(packet -> flowOf(packet).equals(flowOf(ofFlow))
                        || (isFragment(packet) && addressesOf(packet).equals(addressesOf(ofFlow))))
                .map(MergeAndSplitPropertyTest::withoutId)
                .toList();
    }

    private static boolean isFragment(byte[] packet) {
        return Merger.parse(packet).isFragment();
    }

    private static String addressesOf(byte[] packet) {
        return Arrays.toString(Naive.pseudoHeader(packet, 0, 0));
    }

    @Test
    void aSuperPacketThatWasCutIsJoinedAgain() {
        for (long seed = 0; seed < 1500; seed++) {
            Random random = new Random(seed);
            Traffic traffic = new Traffic(random);
            int gsoSize = 1 + random.nextInt(1400);
            int bytes = gsoSize + 1 + random.nextInt(Math.min(gsoSize * 127, 60_000));
            byte[] packet = traffic.superPacket(0, gsoSize, bytes);
            List<Merger.Run> runs = Merger.merge(Merger.split(packet, Traffic.gsoType(packet), gsoSize));
            assertThat(runs).as("seed %d", seed).hasSize(1);
            assertThat(runs.get(0).bytes()).as("seed %d", seed).isEqualTo(packet);
            assertThat(VirtioNetHeader.gsoSize(runs.get(0).virtio(), 0))
                    .as("seed %d", seed)
                    .isEqualTo(gsoSize);
        }
    }

    @Test
    void segmentsOfSeveralFlowsThatWereMixedKeepEveryByteAndTheirOrder() {
        for (long seed = 0; seed < 500; seed++) {
            Random random = new Random(seed);
            Traffic traffic = new Traffic(random);
            List<List<byte[]>> queues = new ArrayList<>();
            for (int flow = 0; flow < 5; flow++) {
                int gsoSize = 10 + random.nextInt(1000);
                byte[] packet = traffic.superPacket(flow, gsoSize, 1 + random.nextInt(gsoSize * 30));
                queues.add(new ArrayList<>(Merger.split(packet, Traffic.gsoType(packet), gsoSize)));
            }
            List<byte[]> arrived = mixed(queues, random);
            List<byte[]> delivered = new ArrayList<>();
            Merger.merge(arrived).forEach(run -> delivered.addAll(run.split()));
            assertThat(byFlow(delivered)).as("seed %d", seed).isEqualTo(byFlow(arrived));
            assertThat(delivered)
                    .as("seed %d", seed)
                    .allSatisfy(packet -> assertThat(Naive.problems(packet)).isEmpty());
        }
    }

    private static List<byte[]> mixed(List<List<byte[]>> queues, Random random) {
        List<byte[]> mixed = new ArrayList<>();
        while (!queues.isEmpty()) {
            List<byte[]> queue = queues.get(random.nextInt(queues.size()));
            mixed.add(queue.remove(0));
            if (queue.isEmpty()) {
                queues.remove(queue);
            }
        }
        return mixed;
    }

    /** Only what decapsulation lets through comes to be joined. */
    private static List<byte[]> intact(List<byte[]> packets) {
        List<byte[]> intact = new ArrayList<>();
        InnerPacket inner = new InnerPacket();
        for (byte[] packet : packets) {
            ByteBuffer buffer = ByteBuffer.wrap(packet);
            if (new Decapsulator().decapsulate(buffer, 0, packet.length, PortPayload.FOU, inner) == null) {
                intact.add(Arrays.copyOf(packet, inner.length()));
            }
        }
        return intact;
    }

    /** The packets of each flow in their order, as text, without the IPv4 ID where DF is set. */
    private static Map<String, List<String>> byFlow(List<byte[]> packets) {
        Map<String, List<String>> byFlow = new LinkedHashMap<>();
        for (byte[] packet : packets) {
            byFlow.computeIfAbsent(flowOf(packet), flow -> new ArrayList<>()).add(withoutId(packet));
        }
        return byFlow;
    }

    private static String flowOf(byte[] packet) {
        int transport = Naive.transportOffset(packet);
        byte[] addresses = Naive.pseudoHeader(packet, Naive.protocol(packet), 0);
        boolean fragment = Naive.isIpv4(packet) && (Naive.u16(packet, 6) & 0x3fff) != 0;
        int portsEnd = fragment ? transport : Math.min(transport + 4, packet.length);
        return Arrays.toString(addresses) + Arrays.toString(Arrays.copyOfRange(packet, transport, portsEnd));
    }

    private static String withoutId(byte[] packet) {
        byte[] copy = packet.clone();
        if (Naive.isIpv4(copy) && (copy[6] & 0x40) != 0) {
            boolean intact = Naive.checksum(Arrays.copyOf(copy, Naive.transportOffset(copy))) == 0;
            Naive.put16(copy, 4, 0);
            Naive.put16(copy, 10, intact ? 0 : 1);
        }
        return Arrays.toString(copy);
    }
}
