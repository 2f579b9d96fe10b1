package net.fougateway.path;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import net.fougateway.codec.Direction;
import net.fougateway.codec.DropReason;
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
            verdict = finishOffload(batch.virtioHeader(index));
        }
        if (verdict != null) {
            return verdict;
        }
        int peer = routes.lookup(packet.isIpv4(), packet.destinationHigh(), packet.destinationLow());
        return peer == RouteTable.NONE ? DropReason.NO_ROUTE : send(endpoints[peer]);
    }

    /** Does what the kernel left to the device: completes the checksum, or prepares to cut the super-packet. */
    private DropReason finishOffload(int virtioHeader) {
        int gsoType = VirtioNetHeader.gsoType(batch.data(), virtioHeader);
        if (gsoType != VirtioNetHeader.GSO_NONE) {
            DropReason verdict =
                    segmentation.begin(packet, gsoType, VirtioNetHeader.gsoSize(batch.data(), virtioHeader));
            if (verdict == null) {
                wirePackets = segmentation.segments();
                wireBytes = segmentation.totalBytes();
            }
            return verdict;
        }
        segmentation.clear();
        if (!VirtioNetHeader.needsChecksum(batch.data(), virtioHeader)) {
            return null;
        }
        return Segmentation.completeChecksum(
                packet,
                VirtioNetHeader.checksumStart(batch.data(), virtioHeader),
                VirtioNetHeader.checksumOffset(batch.data(), virtioHeader));
    }

    private DropReason send(PeerEndpoint to) {
        int largest = segmentation.segments() > 0 ? segmentation.fullSegmentBytes() : packet.length();
        if (largest > to.peer().innerMtuBytes() && to.peer().pmtuDiscovery()) {
            return DropReason.PKT_TOO_BIG;
        }
        if (to.isOwnDatagram(packet)) {
            return DropReason.ROUTING_LOOP;
        }
        if (segmentation.segments() > 0) {
            sendSegments(to);
        } else {
            sendWhole(to);
        }
        return null;
    }

    private void sendWhole(PeerEndpoint to) {
        if (datagrams.room() == 0) {
            flush();
        }
        select(to);
        datagrams.add(batch.dataAddress() + packet.offset(), packet.length(), 0, 0);
    }

    private void sendSegments(PeerEndpoint to) {
        int headerRoom = segmentation.headerBytes() + Segmentation.SLACK_BYTES;
        for (int i = 0; i < segmentation.segments(); i++) {
            boolean full = datagrams.room() == 0 || usedHeaders + headerRoom > HEADERS_BYTES;
            if (full) {
                flush();
            }
            if (full || i == 0) {
                select(to);
            }
            segmentation.writeHeader(i, headers.buffer(), usedHeaders);
            datagrams.add(
                    headers.address() + usedHeaders,
                    segmentation.headerBytes(),
                    batch.dataAddress() + segmentation.payloadOffset(i),
                    segmentation.payloadLength(i));
            usedHeaders += headerRoom;
        }
    }

    private void select(PeerEndpoint to) {
        int socket = to.sourcePorts().socket(flowHash.of(packet));
        datagrams.select(to, packet.tunnelProtocol(), socket, to.outerTos(packet), to.outerTtl(packet));
    }

    private void flush() {
        if (!datagrams.isEmpty()) {
            udp.writeAndFlush(datagrams, udp.voidPromise());
        }
        usedHeaders = 0;
    }
}
