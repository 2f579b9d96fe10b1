package net.fougateway.engine;

import java.net.Inet4Address;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.fougateway.host.Finding;
import net.fougateway.icmp.IcmpSocket;
import net.fougateway.linux.Libc;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.SocketAddress;
import net.fougateway.plan.Plan;
import net.fougateway.takeover.Handover;
import net.fougateway.udp.SourcePorts;
import net.fougateway.udp.UdpListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The sockets that something arrives at: those that listen, one set for each worker, and those that hear of ICMP errors. */
final class ListeningSockets implements SendingSockets.Arrivals, BoundDevices.Sockets, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ListeningSockets.class);

    private final List<List<UdpListener>> listenersByWorker = new ArrayList<>();
    private final List<IcmpSocket> icmpSockets = new ArrayList<>();
    private final List<String> findings = new ArrayList<>();
    private final Set<Integer> owned = new HashSet<>();

    private ListeningSockets() {}

    /**
     * Opens all sockets that are not inherited, each time one for each of {@code listens}; the channels that will be made of them take them,
     * see {@link #take}.
     *
     * @throws LinuxException whose message says which port or option it was
     */
    static ListeningSockets open(List<Plan.Listen> listens, boolean gro, int workers, Inheritance inheritance)
            throws LinuxException {
        ListeningSockets sockets = new ListeningSockets();
        try {
            for (int worker = 0; worker < workers; worker++) {
                sockets.listen(listens, gro, worker, inheritance);
            }
            return sockets;
        } catch (LinuxException e) {
            sockets.close();
            throw e;
        }
    }

    private void listen(List<Plan.Listen> listens, boolean gro, int worker, Inheritance inheritance)
            throws LinuxException {
        List<UdpListener> listeners = new ArrayList<>();
        listenersByWorker.add(listeners);
        for (Plan.Listen listen : listens) {
            Optional<Integer> inherited = inheritance.takeListener(listen, worker);
            UdpListener listener = inherited.isPresent()
                    ? UdpListener.inherited(
                            inherited.get(), listen.address(), listen.port(), listen.device(), listen.payload(), gro)
                    : UdpListener.open(listen.address(), listen.port(), listen.device(), listen.payload(), gro);
            listeners.add(listener);
            owned.add(listener.fd());
        }
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
            IcmpSocket socket = IcmpSocket.open(ipv4);
            icmpSockets.add(socket);
            owned.add(socket.fd());
        } catch (LinuxException e) {
            String finding = Finding.ICMP_NOT_HEARD.sentence(Map.of("error", e.getMessage()));
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
                .filter(listener -> listener.device().equals(kind.device()))
                .filter(listener -> SocketAddress.family(listener.address()) == kind.family())
                .findFirst();
    }

    @Override
    public Set<String> devices() {
        return listeners()
                .map(UdpListener::device)
                .filter(name -> !name.isEmpty())
                .collect(Collectors.toSet());
    }

    @Override
    public boolean bindAgain(String device, int index) throws LinuxException {
        boolean any = false;
        for (UdpListener listener : listeners().toList()) {
            any |= listener.device().equals(device) && listener.bindToDeviceAgain(index);
        }
        return any;
    }

    /** The listening sockets of a worker. */
    List<UdpListener> listeners(int worker) {
        return listenersByWorker.get(worker);
    }

    /** The sockets that hear of ICMP errors; those of the first worker. */
    List<IcmpSocket> icmpSockets(int worker) {
        return worker == 0 ? icmpSockets : List.of();
    }

    /** Hands a descriptor over: who takes it closes it. */
    void take(int fd) {
        owned.remove(fd);
    }

    private Stream<UdpListener> listeners() {
        return listenersByWorker.stream().flatMap(List::stream);
    }

    /** For a gateway that takes over. */
    List<Handover.Listener> handover() {
        return IntStream.range(0, listenersByWorker.size())
                .boxed()
                .flatMap(worker -> listenersByWorker.get(worker).stream()
                        .map(listener -> new Handover.Listener(
                                listener.fd(), worker, listener.address(), listener.port(), listener.device())))
                .toList();
    }

    /** Datagrams that the kernel dropped because a receive buffer was full. */
    long drops() {
        return listeners().mapToLong(UdpListener::drops).sum();
    }

    /** Switches {@code UDP_GRO} on or off; what is under way is not disturbed. */
    void join(boolean wanted) {
        listeners().forEach(listener -> listener.join(wanted));
    }

    /** True when {@code UDP_GRO} is on everywhere. */
    boolean allGro() {
        return listeners().allMatch(UdpListener::gro);
    }

    /** That a receive buffer is smaller than asked for. */
    Optional<String> cutReceiveBuffer() {
        return listeners()
                .map(UdpListener::receiveBufferBytes)
                .filter(bytes -> bytes < UdpListener.RECEIVE_BUFFER_BYTES)
                .findFirst()
                .map(bytes -> Finding.RECEIVE_BUFFER_CUT.sentence(
                        Map.of("bytes", bytes, "wanted", UdpListener.RECEIVE_BUFFER_BYTES)));
    }

    /** What the operator should know and do. */
    List<String> findings() {
        return findings;
    }

    /** Closes what nobody has taken. */
    @Override
    public void close() {
        owned.forEach(Libc::close);
        owned.clear();
    }
}
