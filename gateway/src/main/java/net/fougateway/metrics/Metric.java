package net.fougateway.metrics;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import net.fougateway.metrics.Snapshot.Flow;
import net.fougateway.metrics.Snapshot.Offload;
import net.fougateway.metrics.Snapshot.Peer;
import net.fougateway.metrics.Snapshot.Traffic;

/**
 * Every {@code fou_*} metric: the one table from which {@code /metrics} and {@code docs/metrics.md} take their rows. Packets
 * are packets as on the wire (segments), never super-packets.
 */
@SuppressWarnings("ImmutableEnumChecker")
public enum Metric {
    BUILD_INFO(
            "fou_build_info",
            Type.INFO,
            "",
            "Always 1; the labels tell the versions of fou-gateway, Java and Netty.",
            Samples::buildInfo,
            "version",
            "java",
            "netty"),
    READY(
            "fou_ready",
            Type.GAUGE,
            "",
            "1 when the condition of readiness is met, else 0. The gateway is ready when all are 1.",
            snapshot -> Samples.flags(snapshot.conditions(), Snapshot.Condition::name, Snapshot.Condition::met),
            "condition"),
    PACKETS_RECEIVED(
            "fou_packets_received_total",
            Type.COUNTER,
            "packets",
            "Packets that came in. Always forwarded + dropped, except for batches in flight.",
            snapshot -> Samples.byDirection(snapshot, Flow::received, Traffic::packets),
            "direction"),
    BYTES_RECEIVED(
            "fou_bytes_received_total",
            Type.COUNTER,
            "bytes",
            "Bytes of inner IP packets that came in; of the UDP payload where a datagram holds none.",
            snapshot -> Samples.byDirection(snapshot, Flow::received, Traffic::bytes),
            "direction"),
    PACKETS(
            "fou_packets_total",
            Type.COUNTER,
            "packets",
            "Packets forwarded from the peer (udp_to_tun) and to it (tun_to_udp).",
            snapshot -> Samples.byPeer(snapshot, Traffic::packets),
            "direction",
            "peer"),
    BYTES(
            "fou_bytes_total",
            Type.COUNTER,
            "bytes",
            "Bytes of inner IP packets forwarded.",
            snapshot -> Samples.byPeer(snapshot, Traffic::bytes),
            "direction",
            "peer"),
    PACKETS_DROPPED(
            "fou_packets_dropped_total",
            Type.COUNTER,
            "packets",
            "Packets dropped by the gateway. Reasons and remedies: docs/drop-reasons.md.",
            snapshot -> Samples.drops(snapshot, Traffic::packets),
            "direction",
            "reason"),
    DROPPED_BYTES(
            "fou_dropped_bytes_total",
            Type.COUNTER,
            "bytes",
            "Bytes of the packets dropped by the gateway.",
            snapshot -> Samples.drops(snapshot, Traffic::bytes),
            "direction",
            "reason"),
    UDP_RECEIVE_BUFFER_DROPS(
            "fou_udp_receive_buffer_drops_total",
            Type.COUNTER,
            "packets",
            "Datagrams that the kernel dropped before the gateway because a socket's receive buffer was full.",
            snapshot -> Samples.single(snapshot.udpReceiveBufferDrops())),
    UDP_CHECKSUM_ERRORS(
            "fou_udp_checksum_errors_total",
            Type.COUNTER,
            "packets",
            "Datagrams that the kernel dropped before any socket of the network namespace because the UDP checksum was wrong.",
            snapshot -> Stream.of(
                    Sample.of((double) snapshot.unbelieved().ipv4ChecksumErrors(), "ipv4"),
                    Sample.of((double) snapshot.unbelieved().ipv6ChecksumErrors(), "ipv6")),
            "family"),
    TUN_QUEUE_DROPS(
            "fou_tun_queue_drops_total",
            Type.COUNTER,
            "packets",
            "Packets that the kernel dropped before the gateway because the TUN queue was full.",
            snapshot -> Samples.single(snapshot.device().queueDrops())),
    UDP_SEND_ERRORS(
            "fou_udp_send_errors_total",
            Type.COUNTER,
            "errors",
            "Failed system calls that send datagrams, by error.",
            snapshot -> Samples.errors(snapshot.udpSendErrors(), Samples.UDP_SEND_ERRNOS),
            "errno"),
    TUN_WRITE_ERRORS(
            "fou_tun_write_errors_total",
            Type.COUNTER,
            "errors",
            "Failed system calls that write to the TUN device, by error.",
            snapshot -> Samples.errors(snapshot.tunWriteErrors(), Samples.TUN_WRITE_ERRNOS),
            "errno"),
    ICMP_ERRORS_SENT(
            "fou_icmp_errors_sent_total",
            Type.COUNTER,
            "messages",
            "ICMP and ICMPv6 errors sent to the senders of inner packets, at most 1000 a second for each peer.",
            Samples::icmpErrorsSent,
            "kind"),
    ICMP_ERRORS_IGNORED(
            "fou_icmp_errors_ignored_total",
            Type.COUNTER,
            "messages",
            "ICMP and ICMPv6 errors about datagrams to peers that cannot have been ours, forged ones for example.",
            snapshot -> Samples.single(snapshot.unbelieved().icmpErrors())),
    CONFIG_RELOADS(
            "fou_config_reloads_total",
            Type.COUNTER,
            "reloads",
            "Changes of the configuration that were taken over, or refused, while running.",
            Samples::reloads,
            "result"),
    CONFIG_LAST_RELOAD_SUCCESSFUL(
            "fou_config_last_reload_successful",
            Type.GAUGE,
            "",
            "1 while the gateway runs with the newest configuration; 0 when the last change was refused, see status.",
            snapshot -> Samples.single(snapshot.reloads().lastSuccessful() ? 1 : 0)),
    ADMIN_REQUESTS_REFUSED(
            "fou_admin_requests_refused_total",
            Type.COUNTER,
            "requests",
            "Connections and requests that the admin port refused. The log says whose.",
            snapshot -> snapshot.adminRefusals().entrySet().stream()
                    .map(refusal -> Sample.of(
                            (double) refusal.getValue(), refusal.getKey().label())),
            "reason"),
    BATCH_PACKETS(
            "fou_batch_packets",
            Type.HISTOGRAM,
            "packets",
            "Packets that one system call brought in. All in the first bucket under load means that batching is dead.",
            Samples::batches,
            "direction"),
    PEER_LAST_RECEIVE(
            "fou_peer_last_receive_timestamp_seconds",
            Type.GAUGE,
            "seconds",
            "When the last packet was accepted from the peer, in Unix time; 0 when never.",
            snapshot -> Samples.peers(snapshot, Samples::lastReceiveSeconds),
            "peer"),
    PATH_MTU(
            "fou_path_mtu_bytes",
            Type.GAUGE,
            "bytes",
            "Largest outer IP packet believed to reach the peer.",
            snapshot -> Samples.peers(snapshot, Peer::pathMtuBytes),
            "peer"),
    DEVICE_MTU(
            "fou_device_mtu_bytes",
            Type.GAUGE,
            "bytes",
            "MTU of the TUN device.",
            snapshot -> Samples.single(snapshot.device().mtuBytes())),
    OFFLOAD_ACTIVE(
            "fou_offload_active",
            Type.GAUGE,
            "",
            "1 when the offload is in use, else 0.",
            snapshot -> Samples.flags(snapshot.offloads(), Offload::feature, Offload::active),
            "feature"),
    EBPF_PACKETS(
            "fou_ebpf_packets_total",
            Type.COUNTER,
            "packets",
            "Packets that programs in the kernel saw, by what they decided: taken, lost, or why user space got them, see docs/ebpf.md. Absent without programs.",
            snapshot -> Samples.verdicts(snapshot, Traffic::packets),
            "direction",
            "verdict"),
    EBPF_BYTES(
            "fou_ebpf_bytes_total",
            Type.COUNTER,
            "bytes",
            "Bytes of these packets; of what user space gets inwards, of the datagram with its IP header.",
            snapshot -> Samples.verdicts(snapshot, Traffic::bytes),
            "direction",
            "verdict"),
    EBPF_PEER_PACKETS(
            "fou_ebpf_peer_packets_total",
            Type.COUNTER,
            "packets",
            "The part of fou_packets_total that programs in the kernel carried.",
            snapshot -> Samples.byPeerInKernel(snapshot, Traffic::packets),
            "direction",
            "peer"),
    EBPF_PEER_BYTES(
            "fou_ebpf_peer_bytes_total",
            Type.COUNTER,
            "bytes",
            "The part of fou_bytes_total that programs in the kernel carried.",
            snapshot -> Samples.byPeerInKernel(snapshot, Traffic::bytes),
            "direction",
            "peer"),
    EBPF_PROGRAMS(
            "fou_ebpf_programs",
            Type.GAUGE,
            "",
            "1 for each place where a program in the kernel takes packets.",
            snapshot -> snapshot.kernelPath().hooks().stream().map(hook -> Sample.of(1.0, hook.device(), hook.place())),
            "device",
            "place"),
    EBPF_KERNEL_DROPS(
            "fou_ebpf_kernel_drops_total",
            Type.COUNTER,
            "packets",
            "Packets that the kernel dropped where those go that programs took; the same places carry packets of others, too.",
            Samples::kernelDrops,
            "place"),
    ROUTES(
            "fou_routes",
            Type.GAUGE,
            "prefixes",
            "Prefixes in the routing table of the gateway.",
            snapshot -> Stream.of(
                    Sample.of(snapshot.routing().ipv4Prefixes(), "ipv4"),
                    Sample.of(snapshot.routing().ipv6Prefixes(), "ipv6")),
            "family"),
    KERNEL_ROUTES(
            "fou_kernel_routes",
            Type.GAUGE,
            "routes",
            "Routes of the host through the device, with routes.from_kernel. State no_peer: no next hop is a peer, packets are dropped.",
            Samples::kernelRoutes,
            "family",
            "state"),
    KERNEL_ROUTE_READS(
            "fou_kernel_route_reads_total",
            Type.COUNTER,
            "reads",
            "How often the routes of the host were read. Cause overflow: more changed at once than the kernel could tell.",
            Samples::kernelRouteReads,
            "cause"),
    KERNEL_ROUTE_READ_SECONDS(
            "fou_kernel_route_read_seconds",
            Type.HISTOGRAM,
            "seconds",
            "How long it took to read the routes of the host, and to go on with what had changed.",
            Samples::kernelRouteReadSeconds),
    KERNEL_ROUTE_LAST_CHANGE(
            "fou_kernel_route_last_change_timestamp_seconds",
            Type.GAUGE,
            "seconds",
            "When the routes of the host were last found to be other ones, in Unix time; 0 when none are followed.",
            snapshot ->
                    Stream.of(Sample.of(snapshot.routing().reads().lastChange().toEpochMilli() / 1000.0))),
    PEER_MEMBERS(
            "fou_peer_members",
            Type.GAUGE,
            "peers",
            "Members of a peer of type: next_hop, each of which is a peer of its own.",
            snapshot -> snapshot.routing().members().entrySet().stream()
                    .map(members -> Sample.of(members.getValue(), members.getKey())),
            "peer"),
    MACS(
            "fou_macs",
            Type.GAUGE,
            "addresses",
            "MAC addresses that are known at a peer, with device.mode: tap; (local): on our own side.",
            Samples::macs,
            "peer"),
    FLOODED(
            "fou_flooded_packets_total",
            Type.COUNTER,
            "packets",
            "Frames that went to every peer with flood, each counted once. Cause unknown: nobody knew where the destination is.",
            Samples::flooded,
            "cause"),
    MAC_MOVES(
            "fou_mac_moves_total",
            Type.COUNTER,
            "moves",
            "How often a MAC address was seen elsewhere than before.",
            snapshot -> Samples.single(snapshot.ethernet().moves())),
    MACS_REFUSED(
            "fou_macs_refused_total",
            Type.COUNTER,
            "frames",
            "How often a MAC address was not learned because there was no room for more than ethernet.entries.",
            snapshot -> Samples.single(snapshot.ethernet().refused())),
    SOURCE_PORTS(
            "fou_source_ports",
            Type.GAUGE,
            "ports",
            "UDP source ports in use.",
            snapshot -> Samples.single(snapshot.sourcePorts()));

    /** Of the names of meters. */
    static final String METER_PREFIX = "fou.";

    private final String fullName;
    private final String meterName;
    private final Type type;
    private final String unit;
    private final String help;
    private final Function<Snapshot, Stream<Sample>> samples;
    private final List<String> labels;

    Metric(
            String fullName,
            Type type,
            String unit,
            String help,
            Function<Snapshot, Stream<Sample>> samples,
            String... labels) {
        this.fullName = fullName;
        this.meterName = fullName.replaceFirst("_total$", "").replace('_', '.');
        this.type = type;
        this.unit = unit;
        this.help = help;
        this.samples = samples;
        this.labels = List.of(labels);
    }

    /** Name as on the page, for example {@code fou_packets_total}. */
    public String fullName() {
        return fullName;
    }

    /** Name of the meter, for example {@code fou.packets}; Micrometer makes {@link #fullName} of it. */
    String meterName() {
        return meterName;
    }

    /** Type in Prometheus' terms. */
    public Type type() {
        return type;
    }

    /** What the value counts, for example {@code bytes}; empty for flags. */
    public String unit() {
        return unit;
    }

    /** Help text, one or two sentences. */
    public String help() {
        return help;
    }

    /** Label names in order. */
    public List<String> labels() {
        return labels;
    }

    Stream<Sample> samples(Snapshot snapshot) {
        return samples.apply(snapshot);
    }

    /** Types of metrics. */
    public enum Type {
        COUNTER,
        GAUGE,
        HISTOGRAM,
        INFO
    }

    /**
     * One series at one moment.
     *
     * @param labelValues in the order of {@link Metric#labels()}
     * @param value of a histogram: its sum
     * @param bounds of a histogram: the upper bounds of its buckets but the last; otherwise empty
     * @param bucketCounts of a histogram: not cumulative, the last is for the rest; otherwise empty
     */
    record Sample(List<String> labelValues, double value, List<Double> bounds, List<Long> bucketCounts) {

        static Sample of(double value, String... labelValues) {
            return new Sample(List.of(labelValues), value, List.of(), List.of());
        }
    }
}
