package net.fougateway.path;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.ByteBuffer;
import net.fougateway.capture.Border;
import net.fougateway.capture.Tap;
import net.fougateway.codec.Checksum;
import net.fougateway.codec.Direction;
import net.fougateway.codec.DropReason;
import net.fougateway.codec.EmbeddedAddress;
import net.fougateway.codec.Encapsulation;
import net.fougateway.codec.Encapsulator;
import net.fougateway.codec.FlowHash;
import net.fougateway.codec.Fragmentation;
import net.fougateway.codec.IcmpError;
import net.fougateway.codec.InnerPacket;
import net.fougateway.codec.Ip;
import net.fougateway.codec.MssClamp;
import net.fougateway.codec.Segmentation;
import net.fougateway.codec.VirtioNetHeader;
import net.fougateway.linux.NativeMemory;
import net.fougateway.metrics.WorkerCounters;
import net.fougateway.route.RouteTable;
import net.fougateway.tun.IcmpMessage;
import net.fougateway.tun.PacketBatch;
import net.fougateway.tun.TokenBucket;
import net.fougateway.tun.TunQueue;
import net.fougateway.udp.DatagramBatch;
import net.fougateway.udp.PeerEndpoint;

/**
 * The way out: packets from the TUN device are routed to a peer, cut into segments, encapsulated and sent. Of those that do not fit the
 * path the sender is told, or they are fragmented where the sender allows it.
 */
public final class TunToUdp extends ChannelInboundHandlerAdapter {

    private static final int HEADERS_BYTES = 512 << 10;
    private static final int MAX_FRAGMENTS = 200;

    private static final int FRAGMENT_HEADER_ROOM = Encapsulation.MAX_HEADER_BYTES + Fragmentation.MAX_HEADER_BYTES;
    private static final int FRAGMENTS_ROOM = Ip.MAX_PACKET_BYTES + MAX_FRAGMENTS * FRAGMENT_HEADER_ROOM;

    private final TunQueue tun;
    private final DatagramBatch datagrams;
    private RouteTable routes;
    private PeerEndpoint[] endpoints;
    private EndpointTable table;
    private TokenBucket[] unresolved;
    private final FlowHash flowHash;
    private final IcmpMessage icmp;
    private final WorkerCounters counters;
    private final Tap tap;
    private final Accidents accidents;
    private final InnerPacket packet = new InnerPacket();
    private final InnerPacket segment = new InnerPacket();
    private final Segmentation segmentation = new Segmentation();
    private final Fragmentation fragmentation = new Fragmentation();
    private final Encapsulator encapsulator = new Encapsulator();
    private final NativeMemory headers = NativeMemory.allocate(HEADERS_BYTES);
    private int usedHeaders;

    private PacketBatch batch;
    private int wirePackets;
    private int wireBytes;
    private long outerAddress;

    /**
     * A handler for the TUN channel of one worker.
     *
     * @param tun the worker's TUN queue, for {@code icmp}
     * @param icmp tells senders what did not fit
     */
    TunToUdp(
            TunQueue tun,
            DatagramBatch datagrams,
            Forwarding forwarding,
            FlowHash flowHash,
            IcmpMessage icmp,
            WorkerCounters counters,
            Tap tap,
            Accidents accidents) {
        this.tun = tun;
        this.accidents = accidents;
        this.datagrams = datagrams;
        this.flowHash = flowHash;
        this.icmp = icmp;
        this.counters = counters;
        this.tap = tap;
        use(forwarding);
    }

    /** Goes on with other peers; on the event loop, between two batches. */
    void use(Forwarding forwarding) {
        routes = forwarding.routes();
        endpoints = forwarding.endpoints();
        table = forwarding.table();
        unresolved = forwarding.unresolved();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        batch = (PacketBatch) message;
        int packets = 0;
        for (int i = 0; i < batch.packets(); i++) {
            take(i);
            packets += wirePackets;
        }
        try {
            flush();
        } catch (RuntimeException e) {
            lose(e);
        }
        counters.batch(Direction.TUN_TO_UDP, packets);
    }

    private void take(int index) {
        try {
            DropReason verdict = encapsulate(index);
            counters.received(Direction.TUN_TO_UDP, wirePackets, wireBytes);
            if (verdict != null) {
                counters.dropped(Direction.TUN_TO_UDP, verdict, wirePackets, wireBytes);
            }
            show(index, verdict);
        } catch (RuntimeException e) {
            counters.received(Direction.TUN_TO_UDP, 1, batch.length(index));
            show(index, DropReason.INTERNAL_ERROR);
            lose(e);
        }
    }

    private void show(int index, DropReason verdict) {
        if (tap.wants(verdict)) {
            tap.packet(batch.dataAddress() + batch.offset(index), batch.length(index))
                    .seen(Border.TUN, Direction.TUN_TO_UDP, verdict);
        }
    }

    /** Gives up what was not sent yet, so that nothing of it gets into what follows. */
    private void lose(RuntimeException failure) {
        datagrams.clear();
        usedHeaders = 0;
        counters.dropRest(Direction.TUN_TO_UDP);
        accidents.survived(failure);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        accidents.caught(context.channel(), cause);
    }

    private DropReason encapsulate(int index) {
        wirePackets = 1;
        wireBytes = batch.length(index);
        DropReason verdict = packet.parse(batch.data(), batch.offset(index), batch.length(index));
        if (verdict == null) {
            wireBytes = packet.length();
            verdict = prepareSegments(batch.virtioHeader(index));
        }
        if (verdict != null) {
            return verdict;
        }
        int peer = routes.lookup(packet.isIpv4(), packet.destinationHigh(), packet.destinationLow());
        if (peer == RouteTable.NONE) {
            return DropReason.NO_ROUTE;
        }
        return endpoints[peer] == null ? unresolved(peer) : send(endpoints[peer], batch.virtioHeader(index));
    }

    private DropReason unresolved(int peer) {
        if (icmp.prepare(IcmpError.Kind.UNREACHABLE, 0, packet, unresolved[peer])) {
            icmp.write(tun);
        }
        return DropReason.PEER_UNRESOLVED;
    }

    private DropReason prepareSegments(int virtioHeader) {
        segmentation.clear();
        if (VirtioNetHeader.gsoType(batch.data(), virtioHeader) == VirtioNetHeader.GSO_NONE) {
            return null;
        }
        DropReason verdict = segmentation.begin(packet, batch.data(), virtioHeader);
        if (verdict == null) {
            wirePackets = segmentation.segments();
            wireBytes = segmentation.totalBytes();
        }
        return verdict;
    }

    private DropReason send(PeerEndpoint to, int virtioHeader) {
        if (table.isOuter(packet)) {
            return DropReason.ROUTING_LOOP;
        }
        outerAddress = to.outerAddress(packet);
        if (outerAddress == EmbeddedAddress.NONE) {
            return DropReason.NO_EMBEDDED_ADDRESS;
        }
        if (to.peer().mssClamp()) {
            MssClamp.clamp(packet, to.innerMtuBytes(), VirtioNetHeader.needsChecksum(batch.data(), virtioHeader));
        }
        int largest = segmentation.segments() > 0 ? segmentation.fullSegmentBytes() : packet.length();
        return largest > to.innerMtuBytes() && to.peer().pmtuDiscovery()
                ? sendOversized(to, virtioHeader, largest)
                : sendFitting(to, virtioHeader);
    }

    private DropReason sendOversized(PeerEndpoint to, int virtioHeader, int largestBytes) {
        if (!packet.isDontFragment() && to.fragmentsInside()) {
            return sendFragments(to, virtioHeader);
        }
        int mtuBytes = to.senderMtuBytes(packet.isIpv4());
        if (!packet.isDontFragment() || largestBytes <= mtuBytes) {
            return sendFitting(to, virtioHeader);
        }
        if (icmp.prepare(IcmpError.Kind.TOO_BIG, mtuBytes, packet, to.icmpLimit())) {
            icmp.write(tun);
        }
        return DropReason.PKT_TOO_BIG;
    }

    private DropReason sendFitting(PeerEndpoint to, int virtioHeader) {
        if (segmentation.segments() == 0) {
            return sendWhole(to, virtioHeader);
        }
        sendSegments(to);
        return null;
    }

    private DropReason sendWhole(PeerEndpoint to, int virtioHeader) {
        encapsulator.begin(to.peer().encapsulation(), packet.isIpv4());
        if (VirtioNetHeader.needsChecksum(batch.data(), virtioHeader)) {
            DropReason verdict = finishChecksum(to, virtioHeader);
            if (verdict != null) {
                return verdict;
            }
        }
        if (datagrams.room() == 0) {
            flush();
        }
        select(to);
        Encapsulation encapsulation = to.peer().encapsulation();
        long sum = encapsulation.hasGreChecksum() ? Checksum.sum(batch.data(), packet.offset(), packet.length()) : 0;
        int header = writeEncapsulation(to, batch.data(), packet.offset(), sum);
        datagrams.add(header, batch.dataAddress() + packet.offset() - header, packet.length() + header, 0, 0);
        return null;
    }

    /** Does what the kernel left to the device, or notes where the receiver has to do it. */
    private DropReason finishChecksum(PeerEndpoint to, int virtioHeader) {
        if (!to.peer().encapsulation().leavesChecksums()) {
            return completeChecksum(virtioHeader);
        }
        int start = VirtioNetHeader.checksumStart(batch.data(), virtioHeader);
        int field = start + VirtioNetHeader.checksumOffset(batch.data(), virtioHeader);
        encapsulator.leaveChecksum(start, field);
        return field + 2 > packet.length() ? DropReason.IP_INHDR : null;
    }

    private DropReason completeChecksum(int virtioHeader) {
        return Segmentation.completeChecksum(
                packet,
                VirtioNetHeader.checksumStart(batch.data(), virtioHeader),
                VirtioNetHeader.checksumOffset(batch.data(), virtioHeader));
    }

    private DropReason sendFragments(PeerEndpoint to, int virtioHeader) {
        encapsulator.begin(to.peer().encapsulation(), packet.isIpv4());
        if (segmentation.segments() > 0) {
            sendFragmentsOfSegments(to);
            return null;
        }
        DropReason verdict =
                VirtioNetHeader.needsChecksum(batch.data(), virtioHeader) ? completeChecksum(virtioHeader) : null;
        if (verdict == null) {
            wirePackets = 0;
            wireBytes = 0;
            makeRoomForFragments();
            sendFragmentsOf(to, packet, batch.dataAddress());
        }
        return verdict;
    }

    /** Writes each segment out whole, because the header of a fragment stands in front of payload and of transport header alike. */
    private void sendFragmentsOfSegments(PeerEndpoint to) {
        wirePackets = 0;
        wireBytes = 0;
        for (int i = 0; i < segmentation.segments(); i++) {
            makeRoomForFragments();
            int headerBytes = segmentation.headerBytes();
            int payloadBytes = segmentation.payloadLength(i);
            segmentation.writeHeader(i, headers.buffer(), usedHeaders);
            headers.buffer().put(usedHeaders + headerBytes, batch.data(), segmentation.payloadOffset(i), payloadBytes);
            segment.parse(headers.buffer(), usedHeaders, headerBytes + payloadBytes);
            usedHeaders += headerBytes + payloadBytes;
            sendFragmentsOf(to, segment, headers.address());
        }
    }

    private void makeRoomForFragments() {
        if (datagrams.room() < MAX_FRAGMENTS || usedHeaders + FRAGMENTS_ROOM > HEADERS_BYTES) {
            flush();
        }
    }

    private void sendFragmentsOf(PeerEndpoint to, InnerPacket whole, long bufferAddress) {
        fragmentation.begin(whole, to.innerMtuBytes());
        wirePackets += fragmentation.fragments();
        wireBytes += fragmentation.totalBytes();
        select(to);
        for (int i = 0; i < fragmentation.fragments(); i++) {
            int at = usedHeaders + Encapsulation.MAX_HEADER_BYTES;
            fragmentation.writeHeader(i, headers.buffer(), at);
            long sum = to.peer().encapsulation().hasGreChecksum() ? fragmentSum(whole, i, at) : 0;
            int header = writeEncapsulation(to, headers.buffer(), at, sum);
            datagrams.add(
                    header,
                    headers.address() + at - header,
                    header + fragmentation.headerBytes(),
                    bufferAddress + fragmentation.payloadOffset(i),
                    fragmentation.payloadLength(i));
            usedHeaders += FRAGMENT_HEADER_ROOM;
        }
    }

    private long fragmentSum(InnerPacket whole, int i, int header) {
        return Checksum.sum(headers.buffer(), header, fragmentation.headerBytes())
                + Checksum.sum(whole.buffer(), fragmentation.payloadOffset(i), fragmentation.payloadLength(i));
    }

    private void sendSegments(PeerEndpoint to) {
        Encapsulation encapsulation = to.peer().encapsulation();
        encapsulator.begin(encapsulation, packet.isIpv4());
        if (encapsulation.leavesChecksums()) {
            segmentation.leaveChecksums();
            encapsulator.leaveChecksum(segmentation.checksumStart(), segmentation.checksumField());
        }
        int encapsulationRoom = encapsulation.headerBytes();
        int headerRoom = encapsulationRoom + segmentation.headerBytes() + Segmentation.SLACK_BYTES;
        for (int i = 0; i < segmentation.segments(); i++) {
            boolean full = datagrams.room() == 0 || usedHeaders + headerRoom > HEADERS_BYTES;
            if (full) {
                flush();
            }
            if (full || i == 0) {
                select(to);
            }
            sendSegment(to, i, usedHeaders + encapsulationRoom);
            usedHeaders += headerRoom;
        }
    }

    private void sendSegment(PeerEndpoint to, int i, int at) {
        segmentation.writeHeader(i, headers.buffer(), at);
        long sum = to.peer().encapsulation().hasGreChecksum() ? segmentation.segmentSum(headers.buffer(), at) : 0;
        int header = writeEncapsulation(to, headers.buffer(), at, sum);
        datagrams.add(
                header,
                headers.address() + at - header,
                header + segmentation.headerBytes(),
                batch.dataAddress() + segmentation.payloadOffset(i),
                segmentation.payloadLength(i));
    }

    private int writeEncapsulation(PeerEndpoint to, ByteBuffer out, int end, long packetSum) {
        return encapsulator.write(out, end, to.nextSequence(), packetSum);
    }

    private void select(PeerEndpoint to) {
        datagrams.select(
                to, outerAddress, packet.isIpv4(), flowHash.of(packet), to.outerTos(packet), to.outerTtl(packet));
    }

    private void flush() {
        if (!datagrams.isEmpty()) {
            datagrams.send();
        }
        usedHeaders = 0;
    }
}
