package net.fougateway.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import net.fougateway.route.PeerGroup.Leg;
import org.junit.jupiter.api.Test;

class PeerGroupTest {

    private static final int FLOWS = 10_000;
    private static final Prefix PREFIX = Peers.prefix("10.42.0.0/16");

    private final int[] flows = new Random(1).ints(FLOWS).toArray();

    private static int peer(List<Leg> legs, int flowHash) {
        RouteTable table = RouteTable.ofLegs(Map.of(PREFIX, legs));
        int target = table.lookup(true, AddressBits.high(Peers.address("10.42.2.1")), 0);
        return RouteTable.isGroup(target) ? table.peer(target, flowHash) : target;
    }

    @Test
    void flowsAreSharedByWeight() {
        PeerGroup group = new PeerGroup(List.of(new Leg("a", 7, 1), new Leg("b", 8, 3)));
        long toA = IntStream.of(flows).filter(flow -> group.peer(flow) == 7).count();
        assertThat(toA).isBetween(FLOWS * 23L / 100, FLOWS * 27L / 100);
    }

    @Test
    void flowsOfTheOthersStayWhenOneGoes() {
        List<Leg> before = List.of(new Leg("a", 0, 1), new Leg("b", 1, 1), new Leg("c", 2, 2));
        List<Leg> after = List.of(new Leg("c", 0, 2), new Leg("a", 1, 1)); // in another order, with other indexes
        PeerGroup groupBefore = new PeerGroup(before);
        PeerGroup groupAfter = new PeerGroup(after);
        for (int flow : flows) {
            String was = before.get(groupBefore.peer(flow)).name();
            String is = after.get(groupAfter.peer(flow)).name();
            assertThat(was.equals("b") || was.equals(is))
                    .as("flow %d was at %s, is at %s", flow, was, is)
                    .isTrue();
        }
    }

    @Test
    void oneLegNeedsNoFlowAndNoLegEndsHere() {
        assertThat(peer(List.of(new Leg("a", 5, 9)), 0)).isEqualTo(5);
        assertThat(peer(List.of(), 0)).isEqualTo(RouteTable.NONE);
    }

    @Test
    void whatEndsHereEndsHereWhateverShorterPrefixesSay() {
        RouteTable table = RouteTable.ofLegs(Map.of(
                Peers.prefix("10.0.0.0/8"), List.of(new Leg("a", 5, 1)), Peers.prefix("10.42.0.0/16"), List.of()));
        assertThat(table.lookup(true, AddressBits.high(Peers.address("10.42.1.1")), 0))
                .isEqualTo(RouteTable.NONE);
        assertThat(table.lookup(true, AddressBits.high(Peers.address("10.43.1.1")), 0))
                .isEqualTo(5);
    }
}
