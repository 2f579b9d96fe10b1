package net.fougateway.ebpf;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.fougateway.bpf.BpfLink;
import net.fougateway.bpf.BpfLink.Place;
import net.fougateway.bpf.BpfMap;
import net.fougateway.bpf.BpfMap.Together;
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
     * @param nanos when the last was counted, as {@link System#nanoTime}; 0 for never, and where that is not noted
     */
    public record Count(long packets, long bytes, long nanos) {

        /** Nothing yet. */
        public static final Count NONE = new Count(0, 0, 0);
    }

    private static final int NANOS = 2;

    private static final String OBJECT = "fou.bpf.o";
    private static final String TRAFFIC = "traffic";

    private final BpfPrograms programs;
    private final Map<String, Map<ByteBuffer, byte[]>> known = new HashMap<>();

    private FouPrograms(BpfPrograms programs) {
        this.programs = programs;
    }

    /**
     * Loads the programs, attached to nothing and knowing nothing.
     *
     * @throws LinuxException when the kernel refuses
     */
    public static FouPrograms load() throws LinuxException {
        return new FouPrograms(BpfPrograms.load(object(), definitions -> definitions));
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
     * one for every packet. The slots of new peers come first: {@link #open}.
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
     * Begins to take packets that leave through the tunnel device. What it returns ends that.
     *
     * @param device index in the namespace of the calling thread
     */
    public BpfLink attachOut(int device) throws LinuxException {
        return attach("encapsulate", device, Place.TCX_EGRESS);
    }

    /**
     * Begins to take datagrams that arrive at a device.
     *
     * @param underlay index in the namespace of the calling thread
     */
    public BpfLink attachIn(int underlay) throws LinuxException {
        return attach("decapsulate", underlay, Place.TCX_INGRESS);
    }

    /**
     * Begins to take them in the driver; {@link #attachIn} comes first and ends last, because it moves them on.
     *
     * @param underlay index in the namespace of the calling thread
     */
    public BpfLink attachXdp(int underlay) throws LinuxException {
        return attach("xdp_strip", underlay, Place.XDP_NATIVE);
    }

    private BpfLink attach(String program, int device, Place place) throws LinuxException {
        return programs.attach(program, device, place);
    }

    /** Room for source ports. */
    public int sourcePorts() {
        return programs.map(Contents.SOURCE_PORTS).definition().entries();
    }

    /** Begins to count for the peer of a slot. */
    public void open(int slot) throws LinuxException {
        for (int way = 0; way < 2; way++) {
            programs.map(TRAFFIC).put(Layout.u32(2 * slot + way), Layout.noTraffic());
        }
    }

    /** Ends to count for the peer of a slot, a moment after the contents have lost it, and forgets what was counted. */
    public void shut(int slot) throws LinuxException {
        for (int way = 0; way < 2; way++) {
            programs.map(TRAFFIC).remove(Layout.u32(2 * slot + way));
        }
    }

    /** Where packets are seen that were taken; the caller closes it before this. */
    public Sights sights() throws LinuxException {
        return new Sights(programs.map("sights"));
    }

    /** How many packets were to be seen and were not, because nobody read the others in time. */
    public long unseen() throws LinuxException {
        return count("unseen", 0).packets();
    }

    /** How many packets came to a verdict; a super-packet counts as the packets that it stands for. */
    public Count count(Verdict verdict) throws LinuxException {
        return count("verdicts", verdict.ordinal());
    }

    /** What was taken from the peer of that slot. */
    public Count in(int slot) throws LinuxException {
        return traffic(2 * slot);
    }

    /** What was sent to the peer of that slot. */
    public Count out(int slot) throws LinuxException {
        return traffic(2 * slot + 1);
    }

    private Count traffic(int key) throws LinuxException {
        long[] counted = programs.map(TRAFFIC)
                .counters(
                        Layout.u32(key),
                        (counter, one, other) -> counter == NANOS ? Math.max(one, other) : one + other);
        return new Count(counted[0], counted[1], counted[NANOS]);
    }

    private Count count(String map, int key) throws LinuxException {
        long[] sums = programs.map(map).counters(Layout.u32(key), Together.SUM);
        return new Count(sums[0], sums[1], 0);
    }

    /** Forgets everything; what is attached is the caller's to close before. */
    @Override
    public void close() {
        programs.close();
    }
}
