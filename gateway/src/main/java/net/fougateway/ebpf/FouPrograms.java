package net.fougateway.ebpf;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.fougateway.bpf.BpfLink;
import net.fougateway.bpf.BpfLink.Place;
import net.fougateway.bpf.BpfMap;
import net.fougateway.bpf.BpfObject;
import net.fougateway.bpf.BpfPrograms;
import net.fougateway.bpf.MalformedObjectException;
import net.fougateway.bpf.MapDefinition;
import net.fougateway.linux.LinuxException;

/**
 * The programs that carry FOU and GUE in the kernel, with what they know and count. They begin to take packets once they are attached,
 * and end with this, or with the process; then user space has all packets again. Not thread-safe, but for the counters.
 */
public final class FouPrograms implements AutoCloseable {

    /**
     * What was counted.
     *
     * @param bytes of inner packets; of what is handed on inwards, of the datagram with its IP header
     */
    public record Count(long packets, long bytes) {}

    private static final String OBJECT = "fou.bpf.o";

    private final BpfPrograms programs;
    private final Map<String, Map<ByteBuffer, byte[]>> known = new HashMap<>();
    private final Deque<BpfLink> links = new ArrayDeque<>();

    private FouPrograms(BpfPrograms programs) {
        this.programs = programs;
    }

    /**
     * Loads the programs, attached to nothing and knowing nothing.
     *
     * @param entries room in the maps that grow with the configuration, by map
     * @throws LinuxException when the kernel refuses
     */
    public static FouPrograms load(Map<String, Integer> entries) throws LinuxException {
        return new FouPrograms(BpfPrograms.load(object(), definitions -> {
            Map<String, MapDefinition> sized = new HashMap<>(definitions);
            entries.forEach((map, room) -> sized.computeIfPresent(map, (name, it) -> it.withEntries(room)));
            return sized;
        }));
    }

    /** The object that this program brings along. */
    static BpfObject object() {
        try (InputStream in = FouPrograms.class.getResourceAsStream(OBJECT)) {
            return new BpfObject(in.readAllBytes());
        } catch (IOException | MalformedObjectException e) {
            throw new IllegalStateException("this installation is damaged: " + OBJECT + ": " + e.getMessage(), e);
        }
    }

    /**
     * Goes on with other contents while packets flow. What is in both stays untouched, an entry that changes is the old one or the new
     * one for every packet.
     *
     * @throws LinuxException when a map has no room; then part of it holds, and the rest is user space's
     */
    public void use(Contents next) throws LinuxException {
        for (Map.Entry<String, Map<ByteBuffer, byte[]>> map : next.maps().entrySet()) {
            put(map.getKey(), map.getValue());
        }
        List<String> names = new ArrayList<>(next.maps().keySet());
        Collections.reverse(names);
        for (String name : names) {
            retain(name, next.maps().get(name));
        }
    }

    private void put(String name, Map<ByteBuffer, byte[]> entries) throws LinuxException {
        Map<ByteBuffer, byte[]> before = known.computeIfAbsent(name, map -> new HashMap<>());
        for (Map.Entry<ByteBuffer, byte[]> entry : entries.entrySet()) {
            if (!Arrays.equals(before.get(entry.getKey()), entry.getValue())) {
                programs.map(name).put(Layout.bytes(entry.getKey()), entry.getValue());
                before.put(entry.getKey(), entry.getValue());
            }
        }
    }

    private void retain(String name, Map<ByteBuffer, byte[]> entries) throws LinuxException {
        BpfMap map = programs.map(name);
        if (map.definition().type() == MapDefinition.ARRAY) {
            return;
        }
        List<ByteBuffer> gone = known.get(name).keySet().stream()
                .filter(key -> !entries.containsKey(key))
                .toList();
        for (ByteBuffer key : gone) {
            map.remove(Layout.bytes(key));
            known.get(name).remove(key);
        }
    }

    /**
     * Begins to take packets that leave through the tunnel device.
     *
     * @param device index in the namespace of the calling thread
     */
    public void attachOut(int device) throws LinuxException {
        links.push(programs.attach("encapsulate", device, Place.TCX_EGRESS));
    }

    /**
     * Begins to take datagrams that arrive at a device.
     *
     * @param underlay index in the namespace of the calling thread
     */
    public void attachIn(int underlay) throws LinuxException {
        links.push(programs.attach("decapsulate", underlay, Place.TCX_INGRESS));
    }

    /**
     * Begins to take them in the driver; {@link #attachIn} comes first, because it moves them on.
     *
     * @param underlay index in the namespace of the calling thread
     */
    public void attachXdp(int underlay) throws LinuxException {
        links.push(programs.attach("xdp_strip", underlay, Place.XDP_NATIVE));
    }

    /** How many packets came to a verdict; a super-packet counts as the packets that it stands for. */
    public Count count(Verdict verdict) throws LinuxException {
        return count("verdicts", verdict.ordinal());
    }

    /** What was taken from the peer of that slot. */
    public Count in(int slot) throws LinuxException {
        return count("traffic", 2 * slot);
    }

    /** What was sent to the peer of that slot. */
    public Count out(int slot) throws LinuxException {
        return count("traffic", 2 * slot + 1);
    }

    private Count count(String map, int key) throws LinuxException {
        long[] sums = programs.map(map).sums(Layout.u32(key));
        return new Count(sums[0], sums[1]);
    }

    /** Detaches what was attached, the last first, and forgets everything. */
    @Override
    public void close() {
        while (!links.isEmpty()) {
            links.pop().close();
        }
        programs.close();
    }
}
