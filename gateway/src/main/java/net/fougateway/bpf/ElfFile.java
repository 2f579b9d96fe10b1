package net.fougateway.bpf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A little-endian 64-bit ELF file (System V ABI): sections, symbols and relocations, every position checked. */
final class ElfFile {

    static final int FUNCTION = 2;
    private static final int OBJECT = 1;

    private static final int MAGIC = 0x464c457f;
    private static final int CLASS_64_LITTLE_ENDIAN = 0x0102;
    private static final int RELOCATABLE = 1;
    private static final int MACHINE_BPF = 247;
    private static final int SECTION_BYTES = 64;
    private static final int SYMBOL_BYTES = 24;
    private static final int RELOCATION_BYTES = 16;
    private static final int SYMBOL_TABLE = 2;
    private static final int NO_BITS = 8;
    private static final int RELOCATIONS = 9;
    private static final int LONGEST_NAME_BYTES = 255;

    /** A section; {@code link} and {@code info} by the meaning that its type gives them. */
    record Section(String name, int type, int link, int info, long offset, long bytes) {}

    /** A name for a place in a section; of no type that matters here, for what is neither function nor object. */
    record Symbol(String name, int type, int section, long offset, long bytes) {

        boolean isFunction() {
            return type == FUNCTION;
        }

        boolean isObject() {
            return type == OBJECT;
        }
    }

    /** A place in a section that refers to a symbol. */
    record Relocation(long offset, int type, Symbol symbol) {}

    private final ByteBuffer file;
    private final List<Section> sections = new ArrayList<>();
    private final List<Symbol> symbols = new ArrayList<>();

    ElfFile(byte[] bytes) throws MalformedObjectException {
        file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.length < SECTION_BYTES || file.getInt(0) != MAGIC) {
            throw new MalformedObjectException("not an ELF file");
        }
        if (u16(4) != CLASS_64_LITTLE_ENDIAN || u16(16) != RELOCATABLE || u16(18) != MACHINE_BPF) {
            throw new MalformedObjectException("not a little-endian object file for BPF");
        }
        readSections();
        for (Section section : sections) {
            if (section.type == SYMBOL_TABLE) {
                readSymbols(section);
            }
        }
    }

    private void readSections() throws MalformedObjectException {
        long table = i64(40);
        int count = u16(60);
        if (u16(58) != SECTION_BYTES) {
            throw new MalformedObjectException("section headers of %d bytes".formatted(u16(58)));
        }
        check(table, (long) count * SECTION_BYTES, "the section headers");
        long names = table + (long) u16(62) * SECTION_BYTES;
        check(names, SECTION_BYTES, "the names of the sections");
        long strings = i64(names + 24);
        for (int i = 0; i < count; i++) {
            long at = table + (long) i * SECTION_BYTES;
            sections.add(readSection(at, string(strings, i32(at))));
        }
    }

    private Section readSection(long at, String name) throws MalformedObjectException {
        Section section = new Section(name, i32(at + 4), i32(at + 40), i32(at + 44), i64(at + 24), i64(at + 32));
        if (section.type != NO_BITS) {
            check(section.offset, section.bytes, "section " + name);
        }
        return section;
    }

    private void readSymbols(Section table) throws MalformedObjectException {
        long strings = section(table.link).offset;
        for (long at = table.offset; at + SYMBOL_BYTES <= table.offset + table.bytes; at += SYMBOL_BYTES) {
            int type = u16(at + 4) & 0xf;
            symbols.add(new Symbol(string(strings, i32(at)), type, u16(at + 6), i64(at + 8), i64(at + 16)));
        }
    }

    List<Section> sections() {
        return sections;
    }

    List<Symbol> symbols() {
        return symbols;
    }

    Section section(int index) throws MalformedObjectException {
        if (index < 0 || index >= sections.size()) {
            throw new MalformedObjectException("there is no section " + index);
        }
        return sections.get(index);
    }

    /** The relocations of a section. */
    List<Relocation> relocations(int section) throws MalformedObjectException {
        List<Relocation> all = new ArrayList<>();
        for (Section table : sections) {
            if (table.type == RELOCATIONS && table.info == section) {
                readRelocations(table, all);
            }
        }
        return all;
    }

    private void readRelocations(Section table, List<Relocation> all) throws MalformedObjectException {
        for (long at = table.offset; at + RELOCATION_BYTES <= table.offset + table.bytes; at += RELOCATION_BYTES) {
            long info = i64(at + 8);
            long symbol = info >>> 32;
            if (symbol >= symbols.size()) {
                throw new MalformedObjectException("%s refers to symbol %d".formatted(table.name, symbol));
            }
            all.add(new Relocation(i64(at), (int) info, symbols.get((int) symbol)));
        }
    }

    /** A copy of the bytes of a section. */
    byte[] bytes(Section section) throws MalformedObjectException {
        return bytes(section, 0, section.bytes, section.name);
    }

    /** A copy of the bytes that a symbol names. */
    byte[] bytes(Symbol symbol) throws MalformedObjectException {
        return bytes(section(symbol.section), symbol.offset, symbol.bytes, symbol.name);
    }

    private byte[] bytes(Section section, long offset, long bytes, String what) throws MalformedObjectException {
        if (section.type == NO_BITS || offset < 0 || bytes < 0 || offset > section.bytes - bytes) {
            throw new MalformedObjectException("%s lies outside section %s".formatted(what, section.name));
        }
        byte[] copy = new byte[(int) bytes];
        file.get((int) (section.offset + offset), copy);
        return copy;
    }

    private String string(long strings, int offset) throws MalformedObjectException {
        check(strings, Integer.toUnsignedLong(offset) + 1, "a name");
        int start = (int) (strings + offset);
        int end = start;
        while (file.get(end) != 0) {
            end++;
            if (end == file.capacity() || end - start > LONGEST_NAME_BYTES) {
                throw new MalformedObjectException("a name without an end at byte %d".formatted(start));
            }
        }
        return new String(file.array(), start, end - start, StandardCharsets.UTF_8);
    }

    private int u16(long at) throws MalformedObjectException {
        check(at, Short.BYTES, "a number");
        return file.getShort((int) at) & 0xffff;
    }

    private int i32(long at) throws MalformedObjectException {
        check(at, Integer.BYTES, "a number");
        return file.getInt((int) at);
    }

    private long i64(long at) throws MalformedObjectException {
        check(at, Long.BYTES, "a number");
        return file.getLong((int) at);
    }

    private void check(long at, long bytes, String what) throws MalformedObjectException {
        if (at < 0 || bytes < 0 || at > file.capacity() - bytes) {
            throw new MalformedObjectException(
                    "the file ends before %s: %d bytes at %d of %d".formatted(what, bytes, at, file.capacity()));
        }
    }
}
