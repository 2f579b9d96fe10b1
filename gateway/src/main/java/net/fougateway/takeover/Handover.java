package net.fougateway.takeover;

import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import net.fougateway.linux.Libc;
import net.fougateway.tun.DeviceMode;
import net.fougateway.udp.SourcePorts;

/**
 * What a gateway leaves to the one that takes its place. Where it is made the descriptors stay those of the gateway; where it is received
 * they belong to whom it is given.
 *
 * @param lock descriptor of the device's lock
 * @param flowKey key of the flow hash, so that flows keep their source ports
 * @param admin where the gateway answers; it lets go of these addresses at the end
 */
public record Handover(
        int lock,
        long flowKey,
        Device device,
        List<String> admin,
        List<Listener> listeners,
        List<Pool> pools,
        Memory memory) {

    /**
     * The TUN or TAP device.
     *
     * @param created whether it is the gateway's own
     * @param queues descriptors of its queues
     */
    public record Device(String name, DeviceMode mode, boolean created, List<Integer> queues) {}

    /**
     * A socket that listens.
     *
     * @param fd its descriptor
     * @param worker number of the worker that has it
     * @param device that it is bound to, empty for none
     */
    public record Listener(int fd, int worker, InetAddress address, int port, String device) {}

    /** Sockets that outer packets leave from: descriptors, and the ports of each. */
    public record Pool(SourcePorts.Kind kind, List<Integer> sockets, List<Integer> ports) {}

    /**
     * What was learned, by name of the peer.
     *
     * @param sequences the next GRE sequence number of each peer
     * @param pathMtuBytes where a path is narrower than its route
     * @param lastReceiveMillis when a peer was last heard, since 1970
     */
    public record Memory(
            Map<String, Integer> sequences,
            Map<String, Integer> pathMtuBytes,
            Map<String, Long> lastReceiveMillis,
            List<Mac> macs) {

        /** Nothing. */
        public static final Memory NONE = new Memory(Map.of(), Map.of(), Map.of(), List.of());
    }

    /**
     * Where a MAC address is.
     *
     * @param vlan 0 without a tag
     * @param peer empty for our own side
     */
    public record Mac(long mac, int vlan, String peer) {}

    /** Closes all descriptors. */
    void discard() {
        Stream.of(
                        Stream.of(lock),
                        device.queues().stream(),
                        listeners.stream().map(Listener::fd),
                        pools.stream().flatMap(pool -> pool.sockets().stream()))
                .flatMap(descriptors -> descriptors)
                .forEach(Libc::close);
    }
}
