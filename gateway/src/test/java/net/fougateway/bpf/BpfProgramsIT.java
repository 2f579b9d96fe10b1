package net.fougateway.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.function.UnaryOperator;
import net.fougateway.bpf.BpfLink.Place;
import net.fougateway.linux.Descriptors;
import net.fougateway.linux.Link;
import net.fougateway.linux.Links;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.Netlink;
import net.fougateway.linux.TestNamespace;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BpfProgramsIT {

    private TestNamespace namespace;
    private int veth;

    @BeforeEach
    void build() throws Exception {
        namespace = new TestNamespace();
        namespace.makeUnderlay();
        veth = index("eth0");
        String missing = BpfFeatures.missingPermission()
                .or(() -> inside(() -> BpfFeatures.missingTcx(veth)))
                .orElse("");
        if (!missing.isEmpty()) {
            System.out.println("SKIPPED: " + missing);
        }
        Assumptions.assumeTrue(missing.isEmpty(), missing);
    }

    @AfterEach
    void remove() throws Exception {
        namespace.close();
    }

    private int index(String device) throws Exception {
        try (Netlink netlink = namespace.netlink()) {
            return new Links(netlink).find(device).map(Link::index).orElseThrow();
        }
    }

    private <T> T inside(java.util.concurrent.Callable<T> work) {
        try {
            return namespace.call(work);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static BpfPrograms load() throws Exception {
        return BpfPrograms.load(new BpfObject(Objects.checkedIn()), UnaryOperator.identity());
    }

    @Test
    void loadsAttachesAndClosesEverything() throws Exception {
        long before = Descriptors.openOf("self");
        try (BpfPrograms programs = load()) {
            BpfLink out = inside(() -> programs.attach("encapsulate", veth, Place.TCX_EGRESS));
            BpfLink in = inside(() -> programs.attach("decapsulate", veth, Place.TCX_INGRESS));
            BpfLink xdp = inside(() -> programs.attach("xdp_strip", veth, Place.XDP_NATIVE));
            assertThat(namespace.ip("link show eth0")).contains("xdp");
            assertThat(inside(() -> BpfFeatures.missingXdp(veth))).contains("another XDP program is at this device");
            xdp.close();
            in.close();
            out.close();
            assertThat(namespace.ip("link show eth0")).doesNotContain("xdp");
        }
        assertThat(Descriptors.openOf("self")).isEqualTo(before);
    }

    @Test
    void readsAndWritesMaps() throws Exception {
        try (BpfMap map = BpfMap.create("some", new MapDefinition(MapDefinition.HASH, 4, 2, 2, 0))) {
            map.put(new byte[] {1, 0, 0, 0}, new byte[] {5, 6});
            map.put(new byte[] {2, 0, 0, 0}, new byte[] {7, 8});
            map.put(new byte[] {2, 0, 0, 0}, new byte[] {9, 9});
            assertThat(map.get(new byte[] {2, 0, 0, 0})).hasValue(new byte[] {9, 9});
            assertThat(map.keys()).containsExactlyInAnyOrder(new byte[] {1, 0, 0, 0}, new byte[] {2, 0, 0, 0});
            assertThatThrownBy(() -> map.put(new byte[] {3, 0, 0, 0}, new byte[2]))
                    .isInstanceOf(LinuxException.class)
                    .hasMessage("cannot write to the BPF map some: Argument list too long");
            assertThat(map.remove(new byte[] {1, 0, 0, 0})).isTrue();
            assertThat(map.remove(new byte[] {1, 0, 0, 0})).isFalse();
            assertThat(map.get(new byte[] {1, 0, 0, 0})).isEmpty();
            assertThatThrownBy(() -> map.put(new byte[3], new byte[2])).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void findsTheLongestPrefix() throws Exception {
        MapDefinition trie = new MapDefinition(MapDefinition.LPM_TRIE, 8, 1, 10, MapDefinition.NO_PREALLOC);
        try (BpfMap map = BpfMap.create("trie", trie)) {
            map.put(new byte[] {8, 0, 0, 0, 10, 0, 0, 0}, new byte[] {1});
            map.put(new byte[] {16, 0, 0, 0, 10, 1, 0, 0}, new byte[] {2});
            assertThat(map.get(new byte[] {32, 0, 0, 0, 10, 1, 2, 3})).hasValue(new byte[] {2});
            assertThat(map.get(new byte[] {32, 0, 0, 0, 10, 2, 2, 3})).hasValue(new byte[] {1});
            assertThat(map.get(new byte[] {32, 0, 0, 0, 11, 2, 2, 3})).isEmpty();
        }
    }

    @Test
    void sumsOverProcessors() throws Exception {
        try (BpfMap map = BpfMap.create("sums", new MapDefinition(MapDefinition.PER_CPU_ARRAY, 4, 16, 3, 0))) {
            assertThat(map.counters(new byte[4], BpfMap.Together.SUM)).containsExactly(0, 0);
            byte[] one = {1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0};
            map.put(new byte[4], one);
            int processors = map.get(new byte[4]).orElseThrow().length / one.length;
            assertThat(map.counters(new byte[4], BpfMap.Together.SUM)).containsExactly(processors, 2L * processors);
            assertThat(map.counters(new byte[4], (counter, a, b) -> Math.max(a, b)))
                    .containsExactly(1, 2);
        }
    }

    @Test
    void makesRingBuffers() throws Exception {
        BpfMap.create("ring", new MapDefinition(MapDefinition.RING_BUFFER, 0, 0, 1 << 16, 0))
                .close();
        assertThatThrownBy(() -> BpfMap.create("ring", new MapDefinition(MapDefinition.RING_BUFFER, 0, 0, 77, 0)))
                .isInstanceOf(LinuxException.class)
                .hasMessage("cannot create the BPF map ring: Invalid argument");
    }

    @Test
    void saysWhatTheVerifierSays() {
        byte[] exitWithoutAnswer = {(byte) 0x95, 0, 0, 0, 0, 0, 0, 0};
        assertThatThrownBy(() -> BpfPrograms.load("wrong", BpfProgram.Kind.TC, exitWithoutAnswer, (byte) 'M', (byte) 0))
                .isInstanceOf(LinuxException.class)
                .hasMessageContaining("cannot load the BPF program wrong")
                .hasMessageContaining("R0 !read_ok");
    }

    @Test
    void leavesNothingOpenWhenAMapIsRefused() throws Exception {
        long before = Descriptors.openOf("self");
        BpfObject object = new BpfObject(Objects.checkedIn());
        assertThatThrownBy(() -> BpfPrograms.load(
                        object,
                        maps -> Map.of(
                                "owners",
                                maps.get("owners"),
                                "peers",
                                maps.get("peers").withEntries(0))))
                .isInstanceOf(LinuxException.class);
        assertThat(Descriptors.openOf("self")).isEqualTo(before);
    }

    @Test
    void tellsWhatADeviceLacks() throws Exception {
        int loopback = index("lo");
        assertThat(inside(() -> BpfFeatures.missingXdp(veth))).isEmpty();
        assertThat(inside(() -> BpfFeatures.missingXdp(loopback)))
                .contains("the driver of this device has no native XDP");
        assertThat(inside(() -> BpfFeatures.missingTcx(loopback))).isEmpty();
        assertThat(inside(() -> BpfFeatures.missingTcx(9999)).orElseThrow()).contains("No such device");
    }
}
