package net.fougateway.takeover;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import net.fougateway.linux.DescriptorSocket;
import net.fougateway.linux.LinuxException;
import net.fougateway.udp.SourcePorts;

/**
 * Sends a {@link Handover} as lines of words between tabs, as many of them in a message as it holds. A line that begins with {@value #RIGHT}
 * has one descriptor, and they are in the same order. Lines that a reader does not know it skips, so that versions can differ.
 */
final class HandoverWriter {

    static final String RIGHT = "+";
    static final String DEVICE = "device";
    static final String QUEUE = "+queue";
    static final String LOCK = "+lock";
    static final String FLOW_KEY = "flow-key";
    static final String LISTENER = "+listener";
    static final String ADMIN = "admin";
    static final String POOL = "pool";
    static final String SOCKET = "+socket";
    static final String SEQUENCE = "sequence";
    static final String PATH_MTU = "path-mtu";
    static final String HEARD = "heard";
    static final String MAC = "mac";
    static final String END = "end";
    static final String REFUSED = "refused";

    private final DescriptorSocket to;
    private final StringBuilder text = new StringBuilder();
    private final List<Integer> descriptors = new ArrayList<>();

    private HandoverWriter(DescriptorSocket to) {
        this.to = to;
    }

    static void write(Handover handover, DescriptorSocket to) throws LinuxException {
        HandoverWriter writer = new HandoverWriter(to);
        writer.sockets(handover);
        writer.memory(handover.memory());
        writer.end();
    }

    static void write(Handover.Memory memory, DescriptorSocket to) throws LinuxException {
        HandoverWriter writer = new HandoverWriter(to);
        writer.memory(memory);
        writer.end();
    }

    private void sockets(Handover handover) throws LinuxException {
        Handover.Device device = handover.device();
        right(handover.lock(), LOCK);
        line(DEVICE, device.name(), device.mode(), device.created());
        for (int queue : device.queues()) {
            right(queue, QUEUE);
        }
        line(FLOW_KEY, handover.flowKey());
        for (String address : handover.admin()) {
            line(ADMIN, address);
        }
        for (Handover.Listener listener : handover.listeners()) {
            String address = NetUtil.toAddressString(listener.address());
            right(listener.fd(), LISTENER, listener.worker(), address, listener.port(), listener.device());
        }
        for (Handover.Pool pool : handover.pools()) {
            pool(pool);
        }
    }

    private void pool(Handover.Pool pool) throws LinuxException {
        SourcePorts.Kind kind = pool.kind();
        String local = kind.local().map(InetAddress::getHostAddress).orElse("");
        line(
                POOL,
                kind.family(),
                local,
                kind.port(),
                kind.checksum(),
                kind.dontFragment(),
                kind.ttl(),
                kind.device(),
                kind.mark());
        for (int i = 0; i < pool.sockets().size(); i++) {
            right(pool.sockets().get(i), SOCKET, pool.ports().get(i));
        }
    }

    private void memory(Handover.Memory memory) throws LinuxException {
        for (var sequence : memory.sequences().entrySet()) {
            line(SEQUENCE, sequence.getKey(), sequence.getValue());
        }
        for (var pathMtu : memory.pathMtuBytes().entrySet()) {
            line(PATH_MTU, pathMtu.getKey(), pathMtu.getValue());
        }
        for (var heard : memory.lastReceiveMillis().entrySet()) {
            line(HEARD, heard.getKey(), heard.getValue());
        }
        for (Handover.Mac mac : memory.macs()) {
            line(MAC, mac.mac(), mac.vlan(), mac.peer());
        }
    }

    private void end() throws LinuxException {
        line(END);
        flush();
    }

    private void right(int descriptor, Object... words) throws LinuxException {
        if (descriptors.size() == DescriptorSocket.MOST_DESCRIPTORS) {
            flush();
        }
        line(words);
        descriptors.add(descriptor);
    }

    private void line(Object... words) throws LinuxException {
        StringBuilder line = new StringBuilder();
        for (Object word : words) {
            line.append(line.isEmpty() ? "" : "\t").append(word);
        }
        if (text.length() + line.length() >= DescriptorSocket.MOST_TEXT_BYTES) {
            flush();
        }
        text.append(line).append('\n');
    }

    private void flush() throws LinuxException {
        to.send(text.toString(), descriptors);
        text.setLength(0);
        descriptors.clear();
    }
}
