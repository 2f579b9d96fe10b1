package net.fougateway.bpf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A BPF object file as clang writes it: programs, and the maps that they use. Of maps it holds, in a section {@code maps}, five numbers
 * each: type, bytes of key and of value, entries, flags. Programs may refer to maps only; they have no other globals and no calls. No
 * debug information is needed or looked at.
 */
public final class BpfObject {

    private static final String MAPS = "maps";
    private static final int MAP_BYTES = 20;
    private static final int R_BPF_64_64 = 1;
    private static final int LOAD_64 = 0x18;
    private static final int LOAD_64_BYTES = 16;
    private static final int INSTRUCTION_BYTES = 8;

    private final ElfFile elf;
    private final Map<String, MapDefinition> maps = new LinkedHashMap<>();
    private final Map<String, BpfProgram> programs = new LinkedHashMap<>();
    private final byte[] license;

    /**
     * Reads an object file.
     *
     * @throws MalformedObjectException for whatever else {@code file} is
     */
    public BpfObject(byte[] file) throws MalformedObjectException {
        elf = new ElfFile(file);
        license = elf.bytes(sectionOf("license"));
        for (ElfFile.Symbol symbol : elf.symbols()) {
            if (symbol.isObject() && elf.section(symbol.section()).name().equals(MAPS)) {
                maps.put(symbol.name(), readMap(symbol));
            }
        }
        for (ElfFile.Symbol symbol : elf.symbols()) {
            if (symbol.isFunction()) {
                programs.put(symbol.name(), readProgram(symbol));
            }
        }
        if (programs.isEmpty()) {
            throw new MalformedObjectException("there is no program in it");
        }
    }

    private ElfFile.Section sectionOf(String name) throws MalformedObjectException {
        return elf.sections().stream()
                .filter(section -> section.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new MalformedObjectException("there is no section " + name));
    }

    private MapDefinition readMap(ElfFile.Symbol symbol) throws MalformedObjectException {
        ByteBuffer bytes = ByteBuffer.wrap(elf.bytes(symbol)).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.remaining() != MAP_BYTES) {
            throw new MalformedObjectException("map %s has %d bytes".formatted(symbol.name(), bytes.remaining()));
        }
        MapDefinition map =
                new MapDefinition(bytes.getInt(), bytes.getInt(), bytes.getInt(), bytes.getInt(), bytes.getInt());
        if (!map.isSane()) {
            throw new MalformedObjectException("map %s cannot be: %s".formatted(symbol.name(), map));
        }
        return map;
    }

    private BpfProgram readProgram(ElfFile.Symbol symbol) throws MalformedObjectException {
        byte[] instructions = elf.bytes(symbol);
        if (instructions.length == 0 || instructions.length % INSTRUCTION_BYTES != 0) {
            throw new MalformedObjectException("program %s has %d bytes".formatted(symbol.name(), instructions.length));
        }
        List<BpfProgram.Reference> references = new ArrayList<>();
        for (ElfFile.Relocation relocation : elf.relocations(symbol.section())) {
            long offset = relocation.offset() - symbol.offset();
            if (offset >= 0 && offset < instructions.length) {
                references.add(readReference(symbol.name(), relocation, (int) offset, instructions));
            }
        }
        return new BpfProgram(kindOf(symbol), instructions, references);
    }

    private BpfProgram.Kind kindOf(ElfFile.Symbol symbol) throws MalformedObjectException {
        String section = elf.section(symbol.section()).name();
        for (BpfProgram.Kind kind : BpfProgram.Kind.values()) {
            if (kind.isOf(section)) {
                return kind;
            }
        }
        throw new MalformedObjectException("program %s is in section %s, of which it cannot be told what it is for"
                .formatted(symbol.name(), section));
    }

    private BpfProgram.Reference readReference(
            String program, ElfFile.Relocation relocation, int offset, byte... instructions)
            throws MalformedObjectException {
        String to = relocation.symbol().name();
        boolean ofMap = relocation.type() == R_BPF_64_64 && maps.containsKey(to);
        if (!ofMap || offset > instructions.length - LOAD_64_BYTES || instructions[offset] != LOAD_64) {
            throw new MalformedObjectException(
                    "program %s refers to %s at byte %d by relocation %d; only maps can be referred to"
                            .formatted(program, to.isEmpty() ? "a section" : to, offset, relocation.type()));
        }
        return new BpfProgram.Reference(offset, to);
    }

    /** What the maps are, by name. */
    public Map<String, MapDefinition> maps() {
        return Map.copyOf(maps);
    }

    /** Names of the programs. */
    public List<String> programs() {
        return List.copyOf(programs.keySet());
    }

    BpfProgram program(String name) {
        BpfProgram program = programs.get(name);
        if (program == null) {
            throw new IllegalArgumentException("no program " + name);
        }
        return program;
    }

    /** What the programs may be used under, which the kernel wants to know, with a zero byte behind it. */
    byte[] license() {
        return license.clone();
    }

    @Override
    public String toString() {
        return "%s, maps %s, %s"
                .formatted(programs.keySet(), maps, new String(license, StandardCharsets.US_ASCII).trim());
    }
}
