package net.fougateway.takeover;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.fougateway.linux.DescriptorSocket;
import net.fougateway.linux.Errno;
import net.fougateway.linux.Libc;
import net.fougateway.linux.LinuxException;
import net.fougateway.tun.DeviceMode;
import net.fougateway.udp.SourcePorts;

/** Receives what {@link HandoverWriter} sends. */
final class HandoverReader {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final List<Integer> queues = new ArrayList<>();
    private final List<String> admin = new ArrayList<>();
    private final List<Handover.Listener> listeners = new ArrayList<>();
    private final List<Handover.Pool> pools = new ArrayList<>();
    private final Map<String, Integer> sequences = new HashMap<>();
    private final Map<String, Integer> pathMtuBytes = new HashMap<>();
    private final Map<String, Long> lastReceiveMillis = new HashMap<>();
    private final List<Handover.Mac> macs = new ArrayList<>();
    private Handover.Device device = new Handover.Device("", DeviceMode.TUN, false, queues);
    private int lock = -1;
    private long flowKey;
    private boolean ended;
    private String refusal = "";

    private HandoverReader() {}

    /**
     * Receives all of it.
     *
     * @throws LinuxException when it does not come, or makes no sense; then no descriptor is left open
     */
    static Handover read(DescriptorSocket from) throws LinuxException {
        HandoverReader reader = new HandoverReader();
        try {
            reader.readAll(from);
            if (!reader.refusal.isEmpty()) {
                throw new LinuxException(
                        Errno.EPERM.number(), "the gateway that runs hands nothing over: " + reader.refusal);
            }
            if (reader.lock < 0 || reader.queues.isEmpty()) {
                throw malformed("no device");
            }
            return reader.handover();
        } catch (LinuxException e) {
            reader.handover().discard();
            throw e;
        }
    }

    /** Receives what was learned; nothing when the other end has died before it came. */
    static Optional<Handover.Memory> readMemory(DescriptorSocket from) throws LinuxException {
        HandoverReader reader = new HandoverReader();
        reader.readAll(from);
        return reader.ended ? Optional.of(reader.handover().memory()) : Optional.empty();
    }

    private static LinuxException malformed(String what) {
        return new LinuxException(
                Errno.EPROTO.number(), "the gateway that runs sent what this one does not understand: " + what);
    }

    private Handover handover() {
        return new Handover(
                lock,
                flowKey,
                device,
                admin,
                listeners,
                pools,
                new Handover.Memory(sequences, pathMtuBytes, lastReceiveMillis, macs));
    }

    private void readAll(DescriptorSocket from) throws LinuxException {
        Optional<DescriptorSocket.Message> message = from.receive(PATIENCE);
        while (message.isPresent()) {
            Deque<Integer> rights = new ArrayDeque<>(message.get().descriptors());
            try {
                message.get().text().lines().forEach(line -> take(line.split("\t", -1), rights));
            } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
                throw malformed(e.getMessage());
            } finally {
                rights.forEach(Libc::close);
            }
            message = ended ? Optional.empty() : from.receive(PATIENCE);
        }
    }

    private void take(String[] words, Deque<Integer> rights) {
        switch (words[0]) {
            case HandoverWriter.LOCK -> lock = right(rights);
            case HandoverWriter.DEVICE ->
                device = new Handover.Device(
                        words[1], DeviceMode.valueOf(words[2]), Boolean.parseBoolean(words[3]), queues);
            case HandoverWriter.QUEUE -> queues.add(right(rights));
            case HandoverWriter.ADMIN -> admin.add(words[1]);
            case HandoverWriter.FLOW_KEY -> flowKey = Long.parseLong(words[1]);
            case HandoverWriter.LISTENER -> {
                Handover.Listener listener = listener(words, right(rights));
                listeners.add(listener);
            }
            case HandoverWriter.POOL -> pools.add(new Handover.Pool(kind(words), new ArrayList<>(), new ArrayList<>()));
            case HandoverWriter.SOCKET -> {
                Handover.Pool pool = pools.get(pools.size() - 1);
                pool.sockets().add(right(rights));
                pool.ports().add(Integer.parseInt(words[1]));
            }
            default -> takeLearned(words, rights);
        }
    }

    private void takeLearned(String[] words, Deque<Integer> rights) {
        switch (words[0]) {
            case HandoverWriter.SEQUENCE -> sequences.put(words[1], Integer.parseInt(words[2]));
            case HandoverWriter.PATH_MTU -> pathMtuBytes.put(words[1], Integer.parseInt(words[2]));
            case HandoverWriter.HEARD -> lastReceiveMillis.put(words[1], Long.parseLong(words[2]));
            case HandoverWriter.MAC ->
                macs.add(new Handover.Mac(Long.parseLong(words[1]), Integer.parseInt(words[2]), words[3]));
            case HandoverWriter.REFUSED -> refusal = words[1];
            case HandoverWriter.END -> ended = true;
            default -> skip(words[0], rights);
        }
    }

    private static void skip(String word, Deque<Integer> rights) {
        if (word.startsWith(HandoverWriter.RIGHT)) {
            Libc.close(right(rights));
        }
    }

    private static int right(Deque<Integer> rights) {
        if (rights.isEmpty()) {
            throw new IllegalArgumentException("a descriptor is missing");
        }
        return rights.remove();
    }

    private static Handover.Listener listener(String[] words, int fd) {
        return new Handover.Listener(
                fd, Integer.parseInt(words[1]), address(words[2]), Integer.parseInt(words[3]), words[4]);
    }

    private static SourcePorts.Kind kind(String[] words) {
        return new SourcePorts.Kind(
                Integer.parseInt(words[1]),
                words[2].isEmpty() ? Optional.empty() : Optional.of(address(words[2])),
                Integer.parseInt(words[3]),
                Boolean.parseBoolean(words[4]),
                Boolean.parseBoolean(words[5]),
                Integer.parseInt(words[6]),
                words[7],
                Integer.parseInt(words[8]));
    }

    private static InetAddress address(String text) {
        InetAddress address = NetUtil.createInetAddressFromIpAddressString(text);
        if (address == null) {
            throw new IllegalArgumentException("not an address: " + text);
        }
        return address;
    }
}
