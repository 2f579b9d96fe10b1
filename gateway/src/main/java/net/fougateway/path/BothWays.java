package net.fougateway.path;

import io.netty.channel.ChannelHandler;
import java.util.Optional;
import java.util.function.Consumer;
import net.fougateway.capture.Captures;
import net.fougateway.capture.Tap;
import net.fougateway.codec.Coalescer;
import net.fougateway.codec.Direction;
import net.fougateway.codec.FlowHash;
import net.fougateway.metrics.OffloadState;
import net.fougateway.metrics.WorkerCounters;
import net.fougateway.route.HostAddresses;
import net.fougateway.tun.TunQueue;
import net.fougateway.udp.SendBatch;
import net.fougateway.udp.UdpSystemCalls;

/** Both ways of the packets of one worker, put together, whatever its borders are made of. Belongs to the worker's event loop. */
public final class BothWays {

    /**
     * What all workers share.
     *
     * @param gso whether {@code UDP_SEGMENT} is used
     * @param ours the host's own addresses
     * @param captures what looks at packets
     * @param floods how many frames may go to all peers, where Ethernet is carried; empty where IP is
     * @param end called with the reason when the gateway cannot go on: a queue or socket was lost, or an {@link Error} happened
     */
    public record Shared(
            FlowHash flowHash,
            OffloadState gso,
            HostAddresses ours,
            Captures captures,
            Optional<FloodLimit> floods,
            Consumer<String> end) {}

    private final WorkerCounters counters;
    private final UdpToTun udpToTun;
    private final TunToUdp tunToUdp;
    private final UnderlayErrors underlayErrors;

    /**
     * Both ways between two borders.
     *
     * @param coalescer joins what the device takes joined
     * @param forwarding to begin with
     */
    public BothWays(TunQueue tun, UdpSystemCalls udp, Coalescer coalescer, Shared shared, Forwarding forwarding) {
        counters = new WorkerCounters(forwarding.names());
        Accidents accidents = new Accidents(shared.end());
        Tap tap = new Tap(shared.captures());
        SenderNotices notices = new SenderNotices(tun, counters);
        Carried carried = shared.floods().<Carried>map(FrameCarriage::new).orElseGet(PacketCarriage::new);
        Books in = new Books(Direction.UDP_TO_TUN, counters, tap, accidents);
        udpToTun = carried.udpToTun(tun, coalescer, in, accidents);
        Books out = new Books(Direction.TUN_TO_UDP, counters, tap, accidents);
        Outbox outbox = new Outbox(new SendBatch(udp), shared.flowHash(), shared.gso(), out, carried.packet());
        tunToUdp = carried.tunToUdp(outbox, notices, out, accidents);
        underlayErrors = carried.underlayErrors(shared.flowHash(), shared.ours(), notices, counters, accidents);
        hand(forwarding);
    }

    private void hand(Forwarding forwarding) {
        udpToTun.use(forwarding);
        tunToUdp.use(forwarding);
        underlayErrors.use(forwarding);
    }

    /** Goes on with other peers, between two batches. */
    public void use(Forwarding forwarding) {
        counters.usePeers(forwarding.names());
        hand(forwarding);
    }

    /** Takes the batches of the channels of UDP sockets. */
    public ChannelHandler fromUdp() {
        return udpToTun;
    }

    /** Takes the batches of the channel of the TUN queue. */
    public ChannelHandler fromTun() {
        return tunToUdp;
    }

    /** Takes the ICMP and ICMPv6 errors of the underlay. */
    public ChannelHandler fromIcmp() {
        return underlayErrors;
    }

    /** What is counted; each number as it was a moment ago. */
    public WorkerCounters counters() {
        return counters;
    }
}
