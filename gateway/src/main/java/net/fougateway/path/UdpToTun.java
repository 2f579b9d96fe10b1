package net.fougateway.path;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import net.fougateway.capture.Border;
import net.fougateway.capture.Tap;
import net.fougateway.codec.Coalescer;
import net.fougateway.codec.Decapsulator;
import net.fougateway.codec.Direction;
import net.fougateway.codec.DropReason;
import net.fougateway.codec.Ecn;
import net.fougateway.codec.InnerPacket;
import net.fougateway.codec.MssClamp;
import net.fougateway.metrics.WorkerCounters;
import net.fougateway.route.GreCheck;
import net.fougateway.route.SourceCheck;
import net.fougateway.tun.RunBatch;
import net.fougateway.tun.TunQueue;
import net.fougateway.udp.OuterHeader;
import net.fougateway.udp.PeerEndpoint;
import net.fougateway.udp.ReceiveBatch;

/** The way in: datagrams from the UDP border are decapsulated, checked, joined into runs and written to the TUN device. */
public final class UdpToTun extends ChannelInboundHandlerAdapter {

    private final TunQueue tun;
    private final Coalescer coalescer;
    private final RunBatch runs;
    private SourceCheck sources;
    private GreCheck gre;
    private PeerEndpoint[] endpoints;
    private final WorkerCounters counters;
    private final Tap tap;
    private final Accidents accidents;
    private final OuterHeader outerHeader = new OuterHeader();
    private final Decapsulator decapsulator = new Decapsulator();
    private final InnerPacket packet = new InnerPacket();

    private ReceiveBatch batch;
    private long nowMillis;

    /**
     * A handler for all UDP channels of one worker.
     *
     * @param tun the worker's TUN queue
     * @param coalescer joins packets of a batch; {@code runs} writes what it joined
     */
    UdpToTun(
            TunQueue tun,
            Coalescer coalescer,
            RunBatch runs,
            Forwarding forwarding,
            WorkerCounters counters,
            Tap tap,
            Accidents accidents) {
        this.tun = tun;
        this.accidents = accidents;
        this.coalescer = coalescer;
        this.runs = runs;
        this.counters = counters;
        this.tap = tap;
        use(forwarding);
    }

    /** Goes on with other peers; on the event loop, between two batches. */
    void use(Forwarding forwarding) {
        sources = forwarding.sources();
        gre = forwarding.gre();
        endpoints = forwarding.endpoints();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        accidents.caught(context.channel(), cause);
    }

    @Override
    public boolean isSharable() {
        return true;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        batch = (ReceiveBatch) message;
        nowMillis = System.currentTimeMillis();
        coalescer.begin(batch.data());
        runs.begin(batch.dataAddress());
        int packets = 0;
        for (int i = 0; i < batch.messages(); i++) {
            packets += segments(i);
            receive(i);
        }
        try {
            flush();
        } catch (RuntimeException e) {
            lose(e);
        }
        counters.batch(Direction.UDP_TO_TUN, packets);
    }

    private int segments(int message) {
        int segmentBytes = batch.segmentBytes(message);
        return Math.max((batch.length(message) + segmentBytes - 1) / segmentBytes, 1);
    }

    private void receive(int message) {
        try {
            receiveSegments(message);
        } catch (RuntimeException e) {
            counters.received(Direction.UDP_TO_TUN, segments(message), batch.length(message));
            if (tap.wants(DropReason.INTERNAL_ERROR)) {
                show(message, batch.offset(message), batch.length(message), DropReason.INTERNAL_ERROR);
            }
            lose(e);
        }
    }

    /** Gives up what was not written yet, so that nothing of it gets into what follows. */
    private void lose(RuntimeException failure) {
        coalescer.begin(batch.data());
        counters.dropRest(Direction.UDP_TO_TUN);
        accidents.survived(failure);
    }

    private void receiveSegments(int message) {
        int length = batch.length(message);
        sources.from(batch.isIpv4(message), batch.sourceHigh(message), batch.sourceLow(message));
        sources.to(
                batch.localHigh(message),
                batch.localLow(message),
                batch.listener().port(),
                batch.listener().payload().format());
        int segmentBytes = batch.segmentBytes(message);
        int segments = segments(message);
        int innerBytes = 0;
        for (int i = 0; i < segments; i++) {
            int start = i * segmentBytes;
            innerBytes += decapsulate(message, batch.offset(message) + start, Math.min(segmentBytes, length - start));
        }
        counters.received(Direction.UDP_TO_TUN, segments, innerBytes);
        if (segments > 1 && sources.isKnown()) {
            counters.joined(sources.peer(), segments);
        }
    }

    /** Returns the bytes to count: those of the inner packet, or of the datagram that holds none. */
    private int decapsulate(int message, int offset, int length) {
        DropReason verdict = batch.isTruncated(message)
                ? DropReason.DATAGRAM_TRUNCATED
                : decapsulator.decapsulate(
                        batch.data(), offset, length, batch.listener().payload(), packet);
        int bytes = verdict == null ? packet.length() : length;
        if (verdict == null) {
            verdict = sources.check(packet, decapsulator.hasGre() ? decapsulator.gre() : null);
        }
        if (verdict == null && decapsulator.hasGre()) {
            verdict = gre.check(decapsulator.gre(), sources.peer());
        }
        if (verdict == null) {
            verdict = judgeEcn(batch.tos(message));
        }
        if (tap.wants(verdict)) {
            show(message, offset, length, verdict);
        }
        if (verdict == null) {
            deliver(batch.tos(message));
        } else {
            counters.dropped(Direction.UDP_TO_TUN, verdict, 1, bytes);
        }
        return bytes;
    }

    private void show(int message, int offset, int length, DropReason verdict) {
        outerHeader.write(batch, message, length);
        tap.packet(outerHeader.address(), outerHeader.length())
                .add(batch.dataAddress() + offset, length)
                .seen(Border.UDP, Direction.UDP_TO_TUN, verdict);
    }

    private DropReason judgeEcn(int outerTos) {
        return Ecn.decapsulated(packet.trafficClass(), outerTos) == Ecn.DROP ? DropReason.ECN_ILLEGAL : null;
    }

    private void combineEcn(int outerTos) {
        int inner = packet.trafficClass();
        int ecn = Ecn.decapsulated(inner, outerTos);
        if (ecn != (inner & 3)) {
            packet.setEcn(ecn);
        }
    }

    private void deliver(int outerTos) {
        combineEcn(outerTos);
        if (coalescer.isFull()) {
            flush();
        }
        int peer = sources.peer();
        counters.heard(peer, nowMillis);
        if (endpoints[peer].peer().mssClamp()) {
            MssClamp.clamp(packet, endpoints[peer].innerMtuBytes(), false);
        }
        coalescer.add(packet, peer);
    }

    private void flush() {
        if (coalescer.runs() > 0) {
            runs.write(tun);
            coalescer.begin(batch.data());
        }
    }
}
