package net.fougateway.path;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.ByteBuffer;
import net.fougateway.codec.Checksum;
import net.fougateway.codec.Direction;
import net.fougateway.codec.DropReason;
import net.fougateway.codec.EmbeddedAddress;
import net.fougateway.codec.Encapsulation;
import net.fougateway.codec.FlowHash;
import net.fougateway.codec.InnerPacket;
import net.fougateway.codec.Segmentation;
import net.fougateway.codec.VirtioNetHeader;
import net.fougateway.linux.NativeMemory;
import net.fougateway.metrics.WorkerCounters;
import net.fougateway.route.RouteTable;
import net.fougateway.tun.PacketBatch;
import net.fougateway.udp.DatagramBatch;
import net.fougateway.udp.PeerEndpoint;

/** The way out: packets from the TUN device are routed to a peer, cut into segments, encapsulated and sent. */
public final class TunToUdp extends ChannelInboundHandlerAdapter {

    private static final int HEADERS_BYTES = 512 << 10;

    private final Channel udp;
    private final DatagramBatch datagrams;
    private final RouteTable routes;
    private final PeerEndpoint[] endpoints;
    private final FlowHash flowHash;
    private final WorkerCounters counters;
    private final InnerPacket packet = new InnerPacket();
    private final Segmentation segmentation = new Segmentation();
    private final NativeMemory headers = NativeMemory.allocate(HEADERS_BYTES);
    private int usedHeaders;

    private PacketBatch batch;
    private int wirePackets;
    private int wireBytes;
    private long outerAddress;
    private int checksumStart;
    private int checksumField;

    /**
     * A handler for the TUN channel of one worker.
     *
     * @param udp channel that carries out {@code datagrams}
     * @param endpoints by peer index
     */
    public TunToUdp(
            Channel udp,
            DatagramBatch datagrams,
            RouteTable routes,
            PeerEndpoint[] endpoints,
            FlowHash flowHash,
            WorkerCounters counters) {
        this.udp = udp;
        this.datagrams = datagrams;
        this.routes = routes;
        this.endpoints = endpoints;
        this.flowHash = flowHash;
        this.counters = counters;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        batch = (PacketBatch) message;
        int packets = 0;
        for (int i = 0; i < batch.packets(); i++) {
            DropReason verdict = encapsulate(i);
            packets += wirePackets;
            counters.received(Direction.TUN_TO_UDP, wirePackets, wireBytes);
            if (verdict != null) {
                counters.dropped(Direction.TUN_TO_UDP, verdict, wirePackets, wireBytes);
            }
        }
        flush();
        counters.batch(Direction.TUN_TO_UDP, packets);
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
        return peer == RouteTable.NONE ? DropReason.NO_ROUTE : send(endpoints[peer], batch.virtioHeader(index));
    }

    private DropReason prepareSegments(int virtioHeader) {
        segmentation.clear();
        int gsoType = VirtioNetHeader.gsoType(batch.data(), virtioHeader);
        if (gsoType == VirtioNetHeader.GSO_NONE) {
            return null;
        }
        DropReason verdict = segmentation.begin(packet, gsoType, VirtioNetHeader.gsoSize(batch.data(), virtioHeader));
        if (verdict == null) {
            wirePackets = segmentation.segments();
            wireBytes = segmentation.totalBytes();
        }
        return verdict;
    }

    private DropReason send(PeerEndpoint to, int virtioHeader) {
        int largest = segmentation.segments() > 0 ? segmentation.fullSegmentBytes() : packet.length();
        if (largest > to.peer().innerMtuBytes() && to.peer().pmtuDiscovery()) {
            return DropReason.PKT_TOO_BIG;
        }
        if (to.isOwnDatagram(packet)) {
            return DropReason.ROUTING_LOOP;
        }
        outerAddress = to.outerAddress(packet);
        if (outerAddress == EmbeddedAddress.NONE) {
            return DropReason.NO_EMBEDDED_ADDRESS;
        }
        if (segmentation.segments() == 0) {
            return sendWhole(to, virtioHeader);
        }
        sendSegments(to);
        return null;
    }

    private DropReason sendWhole(PeerEndpoint to, int virtioHeader) {
        checksumStart = Encapsulation.FINISHED;
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
        int start = VirtioNetHeader.checksumStart(batch.data(), virtioHeader);
        int field = VirtioNetHeader.checksumOffset(batch.data(), virtioHeader);
        if (!to.peer().encapsulation().leavesChecksums()) {
            return Segmentation.completeChecksum(packet, start, field);
        }
        checksumStart = start;
        checksumField = start + field;
        return checksumField + 2 > packet.length() ? DropReason.IP_INHDR : null;
    }

    private void sendSegments(PeerEndpoint to) {
        Encapsulation encapsulation = to.peer().encapsulation();
        checksumStart = Encapsulation.FINISHED;
        if (encapsulation.leavesChecksums()) {
            segmentation.leaveChecksums();
            checksumStart = segmentation.checksumStart();
            checksumField = segmentation.checksumField();
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
        return to.peer()
                .encapsulation()
                .write(out, end, packet.isIpv4(), to.nextSequence(), packetSum, checksumStart, checksumField);
    }

    private void select(PeerEndpoint to) {
        int socket = to.socket(flowHash.of(packet));
        datagrams.select(to, outerAddress, packet.isIpv4(), socket, to.outerTos(packet), to.outerTtl(packet));
    }

    private void flush() {
        if (!datagrams.isEmpty()) {
            udp.writeAndFlush(datagrams, udp.voidPromise());
        }
        usedHeaders = 0;
    }
}
