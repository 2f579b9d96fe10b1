package net.fougateway;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.fougateway.config.GatewayConfig;
import net.fougateway.icmp.IcmpSocket;
import net.fougateway.linux.Errno;
import net.fougateway.linux.Libc;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.SocketAddress;
import net.fougateway.udp.SourcePorts;
import net.fougateway.udp.UdpListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The sockets that something arrives at: those that listen, one set for each worker, and those that hear of ICMP errors. */
final class Underlay implements SendingSockets.Arrivals {

    private static final Logger log = LoggerFactory.getLogger(Underlay.class);

    private final List<List<UdpListener>> listenersByWorker = new ArrayList<>();
    private final List<IcmpSocket> icmpSockets = new ArrayList<>();
    private final List<String> findings = new ArrayList<>();

    private Underlay() {}

    /**
     * Opens all sockets; the listening ones are owned by the channels that will be made of them.
     *
     * @throws LinuxException whose message says which port or option it was
     */
    static Underlay open(GatewayConfig config, int workers) throws LinuxException {
        Underlay underlay = new Underlay();
        try {
            for (int worker = 0; worker < workers; worker++) {
                underlay.listen(config);
            }
            return underlay;
        } catch (LinuxException e) {
            underlay.close(0);
            throw e;
        }
    }

    /**
     * Makes sure that nobody else has one of the ports.
     *
     * @throws LinuxException whose message says who does, or which address cannot be had
     */
    static void requireFree(GatewayConfig config) throws LinuxException {
        for (GatewayConfig.Listen listen : config.listen()) {
            for (InetAddress address : addresses(listen)) {
                UdpListener.requireFree(address, listen.port());
            }
        }
    }

    private void listen(GatewayConfig config) throws LinuxException {
        boolean gro = config.device().offload().udpGro() == GatewayConfig.Switch.AUTO;
        List<UdpListener> listeners = new ArrayList<>();
        listenersByWorker.add(listeners);
        for (GatewayConfig.Listen listen : config.listen()) {
            for (InetAddress address : addresses(listen)) {
                listeners.add(UdpListener.open(address, listen.port(), listen.payload(), gro));
            }
        }
    }

    /** The configured address, or the wildcards of the families that this kernel has. */
    private static List<InetAddress> addresses(GatewayConfig.Listen listen) {
        return listen.local() != null
                ? List.of(listen.local())
                : listen.bindAddresses().stream()
                        .filter(UdpListener::isFamilySupported)
                        .toList();
    }

    /** Begins to hear of ICMP errors in the families that are listened on. Without the right to do so this is a finding, no failure. */
    void hearIcmpErrors() {
        listenersByWorker.get(0).stream()
                .map(listener -> listener.address() instanceof Inet4Address)
                .distinct()
                .forEach(this::openIcmp);
    }

    private void openIcmp(boolean ipv4) {
        try {
            icmpSockets.add(IcmpSocket.open(ipv4));
        } catch (LinuxException e) {
            String remedy = Errno.EPERM.is(e.errno())
                    ? "; give the capability NET_RAW (container: --cap-add NET_RAW; systemd: AmbientCapabilities=CAP_NET_RAW)"
                    : "";
            String finding = e.getMessage()
                    + ": path MTUs are learned late, and senders are not told that a peer is out of reach" + remedy;
            log.warn("{}", finding);
            findings.add(finding);
        }
    }

    @Override
    public boolean hearsIcmp(int family) {
        return icmpSockets.stream().anyMatch(socket -> socket.ipv4() == (family == SocketAddress.AF_INET));
    }

    @Override
    public Optional<UdpListener> listenerOn(SourcePorts.Kind kind) {
        return listenersByWorker.get(0).stream()
                .filter(listener -> listener.port() == kind.port())
                .filter(listener -> SocketAddress.family(listener.address()) == kind.family())
                .findFirst();
    }

    /** The listening sockets of a worker. */
    List<UdpListener> listeners(int worker) {
        return listenersByWorker.get(worker);
    }

    /** All listening sockets. */
    List<UdpListener> listeners() {
        return listenersByWorker.stream().flatMap(List::stream).toList();
    }

    /** The sockets that hear of ICMP errors; owned by the channels that will be made of them. */
    List<IcmpSocket> icmpSockets() {
        return icmpSockets;
    }

    /** Closes what belongs to no worker yet: the sockets of workers from {@code firstWorker} on. */
    void close(int firstWorker) {
        for (int worker = firstWorker; worker < listenersByWorker.size(); worker++) {
            listenersByWorker.get(worker).forEach(listener -> Libc.close(listener.fd()));
        }
        if (firstWorker == 0) {
            icmpSockets.forEach(socket -> Libc.close(socket.fd()));
        }
    }

    /** What the operator should know and do. */
    List<String> findings() {
        return findings;
    }
}
