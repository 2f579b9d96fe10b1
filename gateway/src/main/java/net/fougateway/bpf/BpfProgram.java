package net.fougateway.bpf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;

/** A program as it is in an object file. */
final class BpfProgram {

    /** What a program is for, by the section that it is in. */
    enum Kind {
        /** Attached by tcx. */
        TC("tc", 3, 0, 0),
        /** XDP that takes packets of several buffers. */
        XDP("xdp.frags", 6, 37, 1 << 5);

        private final String section;
        private final int type;
        private final int attachType;
        private final int flags;

        Kind(String section, int type, int attachType, int flags) {
            this.section = section;
            this.type = type;
            this.attachType = attachType;
            this.flags = flags;
        }

        boolean isOf(String name) {
            return name.startsWith(section);
        }

        /** {@code enum bpf_prog_type}. */
        int type() {
            return type;
        }

        /** {@code enum bpf_attach_type} that loading asks for. */
        int attachType() {
            return attachType;
        }

        /** Flags that loading asks for. */
        int flags() {
            return flags;
        }
    }

    /** Where a program refers to a map: the byte of the instruction. */
    record Reference(int offset, String map) {}

    private static final int DESTINATION = 0x0f;
    private static final int PSEUDO_MAP_FD = 0x10;

    private final Kind kind;
    private final byte[] instructions;
    private final List<Reference> references;

    BpfProgram(Kind kind, byte[] instructions, List<Reference> references) {
        this.kind = kind;
        this.instructions = instructions;
        this.references = references;
    }

    Kind kind() {
        return kind;
    }

    List<Reference> references() {
        return references;
    }

    /** The instructions with the descriptors of maps in place. */
    byte[] with(Map<String, Integer> descriptors) {
        ByteBuffer code = ByteBuffer.wrap(instructions.clone()).order(ByteOrder.LITTLE_ENDIAN);
        for (Reference reference : references) {
            int registers = reference.offset + 1;
            code.put(registers, (byte) ((code.get(registers) & DESTINATION) | PSEUDO_MAP_FD));
            code.putInt(reference.offset + 4, descriptors.get(reference.map));
        }
        return code.array();
    }
}
