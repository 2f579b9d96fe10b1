package net.fougateway.path;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import net.fougateway.capture.Border;
import net.fougateway.codec.Coalescer;
import net.fougateway.codec.Decapsulator;
import net.fougateway.codec.DropReason;
import net.fougateway.codec.Ecn;
import net.fougateway.codec.Format;
import net.fougateway.codec.GreHeader;
import net.fougateway.codec.InnerPacket;
import net.fougateway.codec.MssClamp;
import net.fougateway.codec.VxlanHeader;
import net.fougateway.route.GreCheck;
import net.fougateway.route.SourceCheck;
import net.fougateway.tun.TunQueue;
import net.fougateway.tun.WriteBatch;
import net.fougateway.udp.ReceiveBatch;

/** The way in: datagrams from the UDP border are decapsulated, checked, joined into runs and written to the TUN device. */
public class UdpToTun extends ChannelInboundHandlerAdapter {

    private final TunQueue tun;
    private final Coalescer coalescer;
    private final WriteBatch runs;
    private final Books books;
    private final Accidents accidents;
    private final OuterHeader outerHeader = new OuterHeader();
    private final Decapsulator decapsulator = new Decapsulator();
    private final InnerPacket packet;
    private SourceCheck sources;
    private GreCheck gre;
    private PeerEndpoint[] endpoints;

    private ReceiveBatch batch;
    private long nowMillis;

    /**
     * A handler for all UDP channels of one worker.
     *
     * @param tun the worker's TUN queue
     * @param coalescer joins packets of a batch
     * @param packet holds what the device takes: IP packets, or Ethernet frames
     */
    UdpToTun(TunQueue tun, Coalescer coalescer, InnerPacket packet, Books books, Accidents accidents) {
        this.tun = tun;
        this.coalescer = coalescer;
        runs = new WriteBatch(coalescer);
        this.books = books;
        this.accidents = accidents;
        this.packet = packet;
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
        books.batch(packets);
    }

    private int segments(int message) {
        int segmentBytes = batch.segmentBytes(message);
        return Math.max((batch.length(message) + segmentBytes - 1) / segmentBytes, 1);
    }

    private void receive(int message) {
        try {
            receiveSegments(message);
        } catch (RuntimeException e) {
            books.received(segments(message), batch.length(message));
            if (books.shows(DropReason.INTERNAL_ERROR)) {
                show(message, batch.offset(message), batch.length(message), DropReason.INTERNAL_ERROR);
            }
            lose(e);
        }
    }

    /** Gives up what was not written yet, so that nothing of it gets into what follows. */
    private void lose(RuntimeException failure) {
        coalescer.begin(batch.data());
        books.lost(failure);
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
        books.received(segments, innerBytes);
        if (segments > 1 && sources.isKnown()) {
            books.joined(sources.peer(), segments);
        }
    }

    /** Returns the bytes to count: those of the inner packet, or of the datagram that holds none. */
    private int decapsulate(int message, int offset, int length) {
        DropReason verdict = batch.isTruncated(message)
                ? DropReason.DATAGRAM_TRUNCATED
                : decapsulator.decapsulate(
                        batch.data(), offset, length, batch.listener().payload(), packet);
        int bytes = verdict == null ? packet.frameBytes() : length;
        if (verdict == null) {
            verdict = checkSource();
        }
        int ecn = verdict == null ? ecn(batch.tos(message)) : Ecn.DROP;
        if (verdict == null && ecn == Ecn.DROP) {
            verdict = DropReason.ECN_ILLEGAL;
        }
        if (books.shows(verdict)) {
            show(message, offset, length, verdict);
        }
        if (verdict == null) {
            deliver(ecn);
        } else {
            books.dropped(verdict, 1, bytes);
            books.lastDropped(
                    verdict, nowMillis, batch.isIpv4(message), batch.sourceHigh(message), batch.sourceLow(message));
        }
        return bytes;
    }

    /** ECN of the packet in hand behind the tunnel, or {@link Ecn#DROP}. */
    int ecn(int outerTos) {
        return Ecn.decapsulated(packet.trafficClass(), outerTos);
    }

    /** Whether the packet in hand may come from where it does; {@code null}, or why not. */
    DropReason checkSource() {
        GreHeader header = decapsulator.hasGre() ? decapsulator.gre() : null;
        DropReason verdict = sources.check(packet, header);
        return verdict == null && header != null ? gre.check(header, sources.peer()) : verdict;
    }

    private void show(int message, int offset, int length, DropReason verdict) {
        outerHeader.write(batch, message, length);
        books.show(outerHeader.address(), outerHeader.length());
        books.showMore(batch.dataAddress() + offset, length);
        books.shown(Border.UDP, verdict);
    }

    /** Where the packet in hand came from, once {@link #checkSource} found that. */
    final int peer() {
        return sources.peer();
    }

    /** The VXLAN header that the packet in hand came in; {@code null} where it came in another format. */
    final VxlanHeader vxlan() {
        return batch.listener().payload().format() == Format.VXLAN ? decapsulator.vxlan() : null;
    }

    private void deliver(int ecn) {
        if (ecn != (packet.trafficClass() & Ecn.CE)) {
            packet.setEcn(ecn);
        }
        if (coalescer.isFull()) {
            flush();
        }
        int peer = sources.peer();
        books.heard(peer, nowMillis);
        if (endpoints[peer].peer().mssClamp()) {
            MssClamp.clamp(packet, endpoints[peer].innerMtuBytes() - packet.linkBytes(), false);
        }
        coalescer.add(packet, peer);
    }

    /** What was written before an exception is counted, too. */
    private void flush() {
        try {
            runs.write(tun, batch.dataAddress());
        } finally {
            account();
            coalescer.begin(batch.data());
        }
    }

    private void account() {
        for (int run = 0; run < coalescer.runs(); run++) {
            int errno = runs.errno(run);
            if (errno == 0) {
                books.forwarded(coalescer.tag(run), coalescer.segments(run), coalescer.totalBytes(run));
            } else if (errno != WriteBatch.UNWRITTEN) {
                books.refused(errno);
                books.dropped(DropReason.TUN_NOT_READY, coalescer.segments(run), coalescer.totalBytes(run));
                showRefused(run);
            }
        }
    }

    private void showRefused(int run) {
        if (!books.shows(DropReason.TUN_NOT_READY)) {
            return;
        }
        int first = coalescer.first(run);
        int link = coalescer.linkBytes(run);
        books.show(batch.dataAddress() + coalescer.offset(first) - link, link + coalescer.length(first));
        int header = coalescer.headerBytes(run);
        for (int next = coalescer.next(first); next >= 0; next = coalescer.next(next)) {
            books.showMore(batch.dataAddress() + coalescer.offset(next) + header, coalescer.length(next) - header);
        }
        books.shown(Border.TUN, DropReason.TUN_NOT_READY);
    }
}
