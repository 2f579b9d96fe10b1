package net.fougateway.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BpfObjectTest {

    private static final int SEED = 14;
    private static final int DAMAGES = 5_000;

    private final byte[] file = Objects.checkedIn();

    @Test
    void tellsProgramsAndMaps() throws MalformedObjectException {
        BpfObject object = new BpfObject(file);
        assertThat(object.programs()).containsExactlyInAnyOrder("encapsulate", "decapsulate", "xdp_strip");
        assertThat(object.maps().get("settings")).isEqualTo(new MapDefinition(MapDefinition.ARRAY, 4, 16, 1, 0));
        assertThat(object.maps().get("owners").type()).isEqualTo(MapDefinition.LPM_TRIE);
        assertThat(object.maps().get("owners").flags()).isEqualTo(MapDefinition.NO_PREALLOC);
        assertThat(object.license()).endsWith('G', 'P', 'L', 0);
        assertThat(object).asString().contains("encapsulate", "Dual MIT/GPL");
    }

    @Test
    void putsDescriptorsOfMapsIntoTheInstructions() throws MalformedObjectException {
        BpfObject object = new BpfObject(file);
        Map<String, Integer> descriptors = new HashMap<>();
        object.maps().keySet().forEach(name -> descriptors.put(name, 1000 + descriptors.size()));
        BpfProgram program = object.program("decapsulate");
        ByteBuffer code = ByteBuffer.wrap(program.with(descriptors)).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(program.references()).isNotEmpty().allSatisfy(reference -> {
            assertThat(code.get(reference.offset() + 1) >> 4).isEqualTo(1);
            assertThat(code.getInt(reference.offset() + 4)).isEqualTo(descriptors.get(reference.map()));
        });
        assertThat(program.kind()).isEqualTo(BpfProgram.Kind.TC);
        assertThat(object.program("xdp_strip").kind()).isEqualTo(BpfProgram.Kind.XDP);
    }

    @Test
    void refusesWhatIsNoObject() {
        assertRefused(new byte[0], "not an ELF file");
        assertRefused(new byte[100], "not an ELF file");
        byte[] ofAnotherMachine = file.clone();
        ofAnotherMachine[18] = 62;
        assertRefused(ofAnotherMachine, "not a little-endian object file for BPF");
        byte[] bigEndian = file.clone();
        bigEndian[5] = 2;
        assertRefused(bigEndian, "not a little-endian object file for BPF");
    }

    private static void assertRefused(byte[] file, String message) {
        assertThatThrownBy(() -> new BpfObject(file))
                .isInstanceOf(MalformedObjectException.class)
                .hasMessageContaining(message);
    }

    /** The section headers are the last thing in the file. */
    @Test
    void refusesTruncatedFiles() {
        for (int length = 0; length < file.length; length += 11) {
            byte[] truncated = Arrays.copyOf(file, length);
            assertThatThrownBy(() -> new BpfObject(truncated))
                    .as("%d bytes", length)
                    .isInstanceOf(MalformedObjectException.class);
        }
    }

    @Test
    void damageIsFoundOrDoesNoHarm() {
        Random random = new Random(SEED);
        int refused = 0;
        for (int i = 0; i < DAMAGES; i++) {
            byte[] damaged = file.clone();
            for (int j = 0; j <= random.nextInt(4); j++) {
                damaged[random.nextInt(file.length)] = (byte) random.nextInt(256);
            }
            damaged[file.length - 1 - random.nextInt(1500)] ^= (byte) (1 << random.nextInt(8));
            refused += isRefused(damaged) ? 1 : 0;
        }
        assertThat(refused).isBetween(1, DAMAGES - 1);
    }

    /** Throws whatever else than a refusal comes. */
    private static boolean isRefused(byte[] damaged) {
        try {
            BpfObject object = new BpfObject(damaged);
            object.programs().forEach(object::program);
            return false;
        } catch (MalformedObjectException e) {
            assertThat(e).hasMessageMatching("(?s).{10,}");
            return true;
        }
    }
}
