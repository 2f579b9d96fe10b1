package net.fougateway.config;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import net.fougateway.codec.Format;
import net.fougateway.codec.InnerProtocol;
import net.fougateway.codec.PortPayload;
import net.fougateway.ethernet.MacAddress;
import net.fougateway.route.Prefix;
import net.fougateway.route.SourceCheck;
import net.fougateway.route.Underlay;
import net.fougateway.tun.DeviceMode;

/**
 * The whole configuration: one record component for each key, with default, range and meaning. {@link ConfigLoader} reads
 * it; JSON Schema and documentation are generated from it.
 */
public record GatewayConfig(
        @Setting(def = "{}", doc = "The TUN or TAP device.") Device device,

        @Setting(def = "auto", doc = "Event loops; auto: one for each processor.")
        @Range(min = 1, max = 256, word = "auto")
        int workers,

        @Setting(def = "[{}]", doc = "UDP ports to receive on; all are open at once.")
        List<Listen> listen,

        @Setting(def = "[]", live = true, doc = "The other ends of the tunnels.")
        List<Peer> peers,

        @Setting(def = "{}", doc = "Pool of UDP source ports; the hash of the inner flow picks one.")
        SourcePorts sourcePorts,

        @Setting(
                def = "strict",
                live = true,
                doc = "Inner source addresses accepted: strict: those in allowed_ips of the sending peer;"
                        + " loose: those in allowed_ips of any peer; off: all.")
        SourceCheck.Mode sourceCheck,

        @Setting(def = "{}", doc = "The switch that device.mode: tap is.")
        EthernetSettings ethernet,

        @Setting(def = "{}", doc = "Routes of the host.") Routes routes,

        @Setting(
                def = "{}",
                doc = "HTTP server: a page for people, /metrics, /status, /livez, /readyz; /capture for root only.")
        AdminSettings admin,

        @Setting(def = "{}", doc = "Where metrics go beside /metrics.")
        MetricsSettings metrics,

        @Setting(def = "{}", live = true, doc = "Log on standard error.")
        LogSettings log) {

    /** Value of {@code int} settings that say {@code auto}. */
    public static final int AUTO = 0;

    /** The same with other peers. */
    public GatewayConfig withPeers(List<Peer> others) {
        return new GatewayConfig(
                device,
                workers,
                listen,
                List.copyOf(others),
                sourcePorts,
                sourceCheck,
                ethernet,
                routes,
                admin,
                metrics,
                log);
    }

    /** True when Ethernet frames are carried, not IP packets. */
    public boolean isEthernet() {
        return device.mode() == DeviceMode.TAP;
    }

    /** The mark that outer packets have, where they have one; 0 for none. */
    public int mark() {
        FirewallMark mark = device.fwmark();
        if (mark.isFixed()) {
            return (int) mark.number();
        }
        return mark.equals(FirewallMark.OFF) || listen.isEmpty()
                ? 0
                : listen.get(0).port();
    }

    /** The peers that are there from the start; those of {@link PeerType#NEXT_HOP} stand for members that come and go. */
    public List<Peer> standing() {
        return peers.stream().filter(peer -> peer.type() != PeerType.NEXT_HOP).toList();
    }

    /** The peers of {@link PeerType#NEXT_HOP}. */
    public List<Peer> templates() {
        return peers.stream().filter(peer -> peer.type() == PeerType.NEXT_HOP).toList();
    }

    /** Value of {@link Peer#ttl} that says {@code inherit}. */
    public static final int TTL_INHERIT = net.fougateway.route.Peer.INHERIT_TTL;

    /** Value of {@link Peer#tos} that says {@code inherit}. */
    public static final int TOS_INHERIT = net.fougateway.route.Peer.INHERIT_TOS;

    /** The TUN or TAP device. {@link #bridge} is null for none. */
    public record Device(
            @Setting(def = "fou0", doc = "Interface name; created if absent, attached if present.")
            @Text(Text.Form.INTERFACE_NAME)
            String name,

            @Setting(def = "[]", doc = "Addresses of the device; empty: addressing is left to the host.")
            List<Prefix> address,

            @Setting(def = "tun", doc = "tun: IP packets; tap: Ethernet frames, for peers with vxlan or gretap.")
            DeviceMode mode,

            @Setting(doc = "Existing bridge that the TAP device becomes a port of; absent: none.")
            @Text(Text.Form.INTERFACE_NAME)
            String bridge,

            @Setting(
                    key = "mtu",
                    def = "auto",
                    doc = "MTU in bytes; auto: smallest path MTU to a peer less the overhead.")
            @Range(min = 68, max = 65535, word = "auto")
            int mtuBytes,

            @Setting(def = "auto", doc = "Queues of the device; auto: one for each worker.")
            @Range(min = 1, max = 256, word = "auto")
            int queues,

            @Setting(
                    def = "auto",
                    doc = "Offloads, all or one by one; auto: what the kernel supports and passes the self-test.")
            Offloads offload,

            @Setting(
                    def = "false",
                    doc =
                            "true: device, addresses and routes outlive the gateway, however it ends, and the next one takes them over.")
            boolean persist,

            @Setting(
                    def = "auto",
                    doc =
                            "Mark (SO_MARK) of the outer packets, by which rules keep them out of the tunnel where allowed_ips cover the outer address of a peer. auto: the number of the first listen.port, where that is so. off: host routes instead of rules.")
            FirewallMark fwmark) {}

    /** A UDP port to receive on. */
    public record Listen(
            @Setting(def = "5555", doc = "UDP port.") @Range(min = 1, max = 65535)
            int port,

            @Setting(
                    def = "auto",
                    doc = "Inner protocol: 4 is IPv4, 41 is IPv6, 47 is GRE; auto: the packet's first nibble tells.")
            InnerProtocol ipproto,

            @Setting(
                    def = "fou",
                    replaces = "gue",
                    doc =
                            "What follows the UDP header; gue: variant 0 and 1, with any inner protocol; vxlan: RFC 7348.")
            Format encapsulation,

            @Setting(doc = "Address to receive on; absent: every address; 0.0.0.0: IPv4 only; \"::\": IPv6 only.")
            InetAddress local,

            @Setting(doc = "Interface or VRF to receive by (SO_BINDTODEVICE); absent: any.")
            @Text(Text.Form.INTERFACE_NAME)
            String device) {

        private static final List<InetAddress> WILDCARDS = List.of(
                IpLiteral.parse("0.0.0.0").orElseThrow(), IpLiteral.parse("::").orElseThrow());

        /** What the port carries. */
        public PortPayload payload() {
            return new PortPayload(encapsulation, ipproto);
        }

        /** Addresses to bind: {@link #local}, or the wildcards of both families. */
        public List<InetAddress> bindAddresses() {
            return local != null ? List.of(local) : WILDCARDS;
        }
    }

    /** The other end of a tunnel. {@link #local} is null when the kernel shall choose it. */
    public record Peer(
            @Setting(required = true, doc = "Name in metrics, logs and status.") @Text(Text.Form.PEER_NAME)
            String name,

            @Setting(
                    def = "fixed",
                    doc =
                            "fixed: one machine, at remote. next_hop: many machines, each at the next hop of routes of the host, see routes.from_kernel. 6to4, 6rd, isatap: many IPv6 sites, each at the IPv4 address inside its inner addresses.")
            PeerType type,

            @Setting(
                    key = "remote",
                    def = "[]",
                    orSingle = true,
                    doc =
                            "Outer address of the peer or its host name, for type: fixed. Prefixes that the members' outer addresses are in, for type: next_hop. Not allowed otherwise.")
            @Text(Text.Form.HOST_OR_PREFIX)
            List<String> remotes,

            @Setting(doc = "Outer source address; absent: the kernel chooses. Required unless type: fixed.")
            InetAddress local,

            @Setting(
                    doc =
                            "Interface or VRF that outer packets leave by (SO_BINDTODEVICE); absent: the kernel chooses. Link-local addresses need it.")
            @Text(Text.Form.INTERFACE_NAME)
            String device,

            @Setting(def = "fou", doc = "What follows the UDP header; any is accepted from the peer.")
            Format encapsulation,

            @Setting(def = "ip", doc = "ip: bare (protocols 4 and 41); gre: in GRE (47); gretap: Ethernet in GRE.")
            Protocol protocol,

            @Setting(doc = "VXLAN network identifier; the same for all peers.") @Range(min = 0, max = 0xffffff)
            Integer vni,

            @Setting(def = "5555", doc = "UDP destination port, or one for each inner protocol.")
            PeerPorts port,

            @Setting(
                    def = "auto",
                    doc =
                            "UDP source port; auto: from the pool, by inner flow. Peers that send from a listen.port have checksum and pmtu_discovery in common.")
            @Range(min = 1, max = 65535, word = "auto")
            int sourcePort,

            @Setting(def = "true", doc = "Send UDP checksums; received zero checksums are always accepted.")
            boolean checksum,

            @Setting(
                    def = "false",
                    doc =
                            "Leave unfinished inner checksums to the receiver, as the GUE header can say; needs encapsulation: gue.")
            boolean remoteChecksum,

            @Setting(def = "{}", doc = "GRE options, for what is sent with protocol: gre and for all GRE received.")
            Gre gre,

            @Setting(key = "6rd", def = "{}", doc = "Prefixes of type: 6rd.")
            SixRd sixRd,

            @Setting(def = "64", doc = "Outer TTL or hop limit; inherit: the inner packet's.")
            @Range(min = 1, max = 255, word = "inherit", wordValue = TTL_INHERIT)
            int ttl,

            @Setting(
                    def = "inherit",
                    doc =
                            "Outer TOS or traffic class, but for the ECN bits, which are the inner packet's; inherit: all of it is.")
            @Range(min = 0, max = 255, word = "inherit", wordValue = TOS_INHERIT)
            int tos,

            @Setting(def = "true", doc = "Path MTU discovery: outer packets carry DF and are not fragmented.")
            boolean pmtuDiscovery,

            @Setting(
                    def = "auto",
                    doc =
                            "auto: TCP connections through the tunnel get a segment size (MSS) that fits the path; off: they are left alone.")
            Switch mssClamp,

            @Setting(
                    def = "false",
                    doc =
                            "true: the other end decapsulates in its kernel (ip fou, or device.offload.ebpf). Over virtual links, such as veth, eBPF sends to such peers only.")
            boolean inKernel,

            @Setting(def = "4096", doc = "Members of type: next_hop at once.") @Range(min = 1, max = 65536)
            int limit,

            @Setting(def = "[]", doc = "MAC addresses at the peer; source_check: strict accepts no others from it.")
            List<MacAddress> macs,

            @Setting(def = "true", doc = "Send it frames for everybody, groups and unknown MAC addresses.")
            boolean flood,

            @Setting(
                    def = "[]",
                    doc =
                            "Prefixes routed to the peer, and accepted as inner sources from it; required, but for type: next_hop, whose members have what is routed to them, and with device.mode: tap, where they are only checked.")
            List<Prefix> allowedIps) {

        /** Outer address or host name of a peer that is one machine; null for the others. */
        public String remote() {
            return type == PeerType.FIXED && !remotes.isEmpty() ? remotes.get(0) : null;
        }

        /** {@link #remote} when it is an IP address, without its zone; nothing when it is a host name. */
        public Optional<InetAddress> remoteLiteral() {
            return Optional.ofNullable(remote()).flatMap(IpLiteral::parseZoned);
        }

        /** {@link #device}, or the zone of {@link #remote}, such as eth0 in fe80::2%eth0; empty for neither. */
        public String outerDevice() {
            return device != null
                    ? device
                    : Optional.ofNullable(remote()).map(IpLiteral::zone).orElse("");
        }

        /** How datagrams to it leave this host. */
        public Underlay underlay(int mark) {
            return new Underlay(Optional.ofNullable(local), outerDevice(), mark);
        }

        /** Outer addresses that members of a peer of {@link PeerType#NEXT_HOP} may have. */
        public List<Prefix> ranges() {
            return type == PeerType.NEXT_HOP
                    ? remotes.stream().flatMap(text -> range(text).stream()).toList()
                    : List.of();
        }

        /** A prefix, or an address as a prefix of its own; nothing when {@code text} is neither. */
        static Optional<Prefix> range(String text) {
            Optional<Prefix> address = IpLiteral.parse(text).map(Prefix::host);
            return address.or(() -> ScalarType.tryPrefix(text));
        }
    }

    /** Options of the GRE header. {@link #key} is null for none. */
    public record Gre(
            @Setting(doc = "Key, a number or as an IPv4 address is written; absent: none.")
            GreKey key,

            @Setting(def = "false", doc = "Checksum over header and payload.")
            boolean checksum,

            @Setting(
                    def = "false",
                    doc = "Sequence numbers; what arrives late is dropped. Works with one worker and one source port.")
            boolean sequence) {}

    /** Pool of UDP source ports. */
    public record SourcePorts(
            @Setting(
                    def = "32768-60999",
                    doc = "Ports that the pool may use, but for those in net.ipv4.ip_local_reserved_ports.")
            SourcePortRange range,

            @Setting(def = "1024", doc = "Size of the pool, for each address family.") @Range(min = 1, max = 16384)
            int sockets) {}

    /** Routes of the host. */
    public record Routes(
            @Setting(def = "true", doc = "Install the peers' allowed_ips as routes through the device.")
            boolean install,

            @Setting(
                    def = "off",
                    doc =
                            "Follow the host's routes through the device: their next hop names the peer. main or the number of a table; off: no.")
            RoutingTable fromKernel) {}

    /** Whether something is done for the user. */
    public enum Switch {
        AUTO,
        OFF
    }

    /** Where the outer address of a peer comes from. */
    public enum PeerType {
        FIXED("fixed"),
        NEXT_HOP("next_hop"),
        SIX_TO_FOUR("6to4"),
        SIX_RD("6rd"),
        ISATAP("isatap");

        private final String word;

        PeerType(String word) {
            this.word = word;
        }

        @Override
        public String toString() {
            return word;
        }
    }

    /** What the inner packet travels as. */
    public enum Protocol {
        IP,
        GRE,
        GRETAP
    }
}
