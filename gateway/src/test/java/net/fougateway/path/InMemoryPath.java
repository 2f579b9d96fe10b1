package net.fougateway.path;

import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import net.fougateway.capture.Captures;
import net.fougateway.codec.Coalescer;
import net.fougateway.codec.Direction;
import net.fougateway.codec.DropReason;
import net.fougateway.codec.FlowHash;
import net.fougateway.codec.Offload;
import net.fougateway.codec.PortPayload;
import net.fougateway.codec.UnderlayIcmp;
import net.fougateway.ethernet.MacTable;
import net.fougateway.ethernet.Switching;
import net.fougateway.metrics.OffloadState;
import net.fougateway.metrics.Snapshot;
import net.fougateway.metrics.WorkerCounters;
import net.fougateway.route.HostAddresses;
import net.fougateway.route.Peer;
import net.fougateway.route.Peers;
import net.fougateway.route.RouteTable;
import net.fougateway.route.SourceCheck;
import net.fougateway.tun.InMemoryTun;
import net.fougateway.tun.ReadBatch;
import net.fougateway.udp.InMemoryUdp;
import net.fougateway.udp.ReceiveBatch;
import net.fougateway.udp.SourcePorts;

/** Both directions of a worker between a network and a TUN device in memory. */
public final class InMemoryPath {

    private static final int MAX_PACKETS_IN_BATCH = 4096;
    private static final int SOURCE_PORTS = 1024;
    /** As many ICMP errors are sent at once. */
    static final int ICMP_BURST = 50;
    /** As many frames a second go to every peer, of each cause. */
    static final int FLOOD = 10;
    /** An address is forgotten after so long. */
    static final int AGE_SECONDS = 300;

    static final int MAC_ENTRIES = 64;

    private final List<Peer> peers;
    private final InMemoryUdp udp;
    private final InMemoryTun tun;
    private final BothWays ways;
    private final Captures captures = new Captures();
    private final OffloadState gso = new OffloadState(Offload.UDP_GSO, true, "in use");
    private final ReceiveBatch received;
    private final ReadBatch read = new ReadBatch();
    private final EmbeddedChannel udpChannel;
    private final EmbeddedChannel tunChannel;
    private final EmbeddedChannel icmpChannel;
    private final PeerEndpoint[] endpoints;
    private final UnderlayIcmp icmpError = new UnderlayIcmp();
    private long nowNanos;
    private final MacTable macs = new MacTable(MAC_ENTRIES, AGE_SECONDS, () -> nowNanos);
    private String ended;

    /**
     * A path to {@code peers}.
     *
     * @param remembers whether the devices remember what they were given
     */
    public InMemoryPath(List<Peer> peers, SourceCheck.Mode sourceCheck, boolean remembers) {
        this(peers, sourceCheck, remembers, kind -> kind);
    }

    private InMemoryPath(
            List<Peer> peers,
            SourceCheck.Mode sourceCheck,
            boolean remembers,
            UnaryOperator<SourcePorts.Kind> socketKind) {
        this.peers = peers;
        udp = new InMemoryUdp(remembers);
        tun = new InMemoryTun(remembers);
        received = new ReceiveBatch(udp);
        endpoints = peers.stream()
                .map(peer -> peer.isResolved() ? endpoint(peer, socketKind) : null)
                .toArray(PeerEndpoint[]::new);
        HostAddresses ours = new HostAddresses();
        ours.use(List.of(Peers.address("192.0.2.1"), Peers.address("2001:db8::1")));
        boolean frames = peers.stream().anyMatch(peer -> peer.frames().linkBytes() > 0);
        ways = new BothWays(
                tun,
                udp,
                new Coalescer(MAX_PACKETS_IN_BATCH, true, true, true),
                new BothWays.Shared(new FlowHash(42), gso, ours, captures, floods(frames), reason -> ended = reason),
                frames ? ofFrames(sourceCheck) : ofPackets(sourceCheck));
        udpChannel = new EmbeddedChannel(ways.fromUdp());
        tunChannel = new EmbeddedChannel(ways.fromTun());
        icmpChannel = new EmbeddedChannel(ways.fromIcmp());
    }

    private Optional<FloodLimit> floods(boolean frames) {
        return frames ? Optional.of(new FloodLimit(FLOOD, () -> nowNanos)) : Optional.empty();
    }

    private Forwarding ofPackets(SourceCheck.Mode sourceCheck) {
        return new Forwarding(peers, RouteTable.ofAllowedIps(peers), sourceCheck, endpoints, true);
    }

    private Forwarding ofFrames(SourceCheck.Mode sourceCheck) {
        RouteTable routes = RouteTable.ofAllowedIps(peers);
        return Forwarding.ofFrames(peers, routes, endpoints, new Switching(macs, true, peers, routes, sourceCheck));
    }

    /** A strict path to peers that send from the sockets that listen. */
    static InMemoryPath onListeningSockets(Peer... peers) {
        return new InMemoryPath(List.of(peers), SourceCheck.Mode.STRICT, true, SourcePorts.Kind::shared);
    }

    private PeerEndpoint endpoint(Peer peer, UnaryOperator<SourcePorts.Kind> socketKind) {
        SourcePorts.Kind kind = socketKind.apply(PeerEndpoint.socketKind(peer));
        return new PeerEndpoint(
                peer,
                InMemoryUdp.sourcePorts(kind, SOURCE_PORTS),
                InMemoryUdp.fragmentedPorts(kind),
                new PeerEndpoint.Shared(
                        new PathMtu(peer.pathMtuBytes(), peer.isIpv4Underlay(), () -> nowNanos),
                        new AtomicInteger(),
                        TokenBucket.ofIcmpErrors(() -> nowNanos)));
    }

    /** Where MAC addresses are, where frames are carried. */
    MacTable macs() {
        return macs;
    }

    /** The network. */
    public InMemoryUdp udp() {
        return udp;
    }

    /** The device. */
    public InMemoryTun tun() {
        return tun;
    }

    /** What is known of the path to a peer. */
    public PathMtu pathMtu(Peer peer) {
        return endpoints[peer.index()].pathMtu();
    }

    /** True when a peer could not be reached since this was last asked. */
    public boolean takeUnreachable(Peer peer) {
        return endpoints[peer.index()].takeUnreachable();
    }

    /** Puts a fault into the program: every packet from or to the peer ends in an exception, until the peer is mended. */
    public Runnable breakPeer(Peer peer) {
        PeerEndpoint endpoint = endpoints[peer.index()];
        endpoints[peer.index()] = new PeerEndpoint(peer, endpoint.sourcePorts(), null, null);
        return () -> endpoints[peer.index()] = endpoint;
    }

    /** Lets time pass. */
    public void pass(Duration time) {
        nowNanos += time.toNanos();
    }

    /** Lets an ICMP error arrive, as a raw socket gives it; false when it is no business of a tunnel. */
    public boolean underlayError(boolean ipv4, byte... message) {
        if (!icmpError.parse(ByteBuffer.wrap(message), 0, message.length, ipv4)) {
            return false;
        }
        icmpChannel.pipeline().fireChannelRead(icmpError);
        icmpChannel.checkException();
        return true;
    }

    /** Why the path ended the gateway; {@code null} while it did not. */
    public String ended() {
        return ended;
    }

    /** What looks at packets. */
    public Captures captures() {
        return captures;
    }

    /** What the path counted. */
    public WorkerCounters counters() {
        return ways.counters();
    }

    /** State of {@code UDP_SEGMENT}. */
    public OffloadState gso() {
        return gso;
    }

    /** Carries all that waits at the network to the device. */
    public void udpToTun() throws IOException {
        udpToTun(PortPayload.FOU);
    }

    /** Carries all that waits at the network, at a port for {@code payload}, to the device. */
    public void udpToTun(PortPayload payload) throws IOException {
        while (udp.receive(received, payload)) {
            udpChannel.pipeline().fireChannelRead(received);
        }
        udpChannel.checkException();
    }

    /** Carries all that waits at the device to the network. */
    public void tunToUdp() throws IOException {
        while (tun.read(read)) {
            tunChannel.pipeline().fireChannelRead(read);
        }
        tunChannel.checkException();
    }

    /** What was forwarded, to all peers together. */
    public Snapshot.Traffic forwarded(Direction direction) {
        long packets = 0;
        long bytes = 0;
        for (Peer peer : peers) {
            packets += forwarded(direction, peer.index()).packets();
            bytes += forwarded(direction, peer.index()).bytes();
        }
        return new Snapshot.Traffic(packets, bytes);
    }

    /** What was forwarded, from or to one peer. */
    public Snapshot.Traffic forwarded(Direction direction, int peer) {
        return counters().peers().forwarded(direction, peers.get(peer).name());
    }

    /** What was dropped, for all reasons together. */
    public Snapshot.Traffic dropped(Direction direction) {
        long packets = 0;
        long bytes = 0;
        for (DropReason reason : DropReason.values()) {
            packets += counters().dropped(direction, reason).packets();
            bytes += counters().dropped(direction, reason).bytes();
        }
        return new Snapshot.Traffic(packets, bytes);
    }
}
