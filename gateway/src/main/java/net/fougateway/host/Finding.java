package net.fougateway.host;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the operator should know and do, that of the host first, the worst first; the documentation is generated from this table. */
public enum Finding {
    DEVICE_DOWN(
            "device {device} is down",
            "ip link set {device} up",
            "Somebody switched it off. What peers send is dropped as `tun_not_ready`."),
    PEER_ROUTED_INTO_TUNNEL(
            "the outer address {remote} of peer {peer} is routed into {device}, so packets for this peer go in a circle"
                    + " and are dropped",
            "ip route replace {route}",
            "A route into the tunnel covers the peer's own outer address. Dropped as `routing_loop`. Where its own routes would"
                    + " do that, the gateway keeps outer packets out of them itself ([underlay.md](underlay.md)); this tells of"
                    + " routes that others made, or of `routes.install: false`."),
    STRICT_REVERSE_PATH(
            "packets from {prefix} of peer {peer} are dropped by the kernel behind the tunnel, because the way back"
                    + " leads through {other} and rp_filter of {device} is 1 (strict; the larger of conf.all and its own"
                    + " counts); route {prefix} into {device}, or, if the other way is meant, allow it",
            "sysctl -w {key}=2",
            "The kernel takes them for forged (`log_martians`) and no counter of the gateway shows it. 2 is loose: any way"
                    + " back will do. IPv6 has no such setting."),
    ROUTED_ELSEWHERE(
            "packets to {prefix} of peer {peer} leave through {other} instead of {device}, so the tunnel never carries"
                    + " them",
            "ip route replace {route}",
            "Another route has taken the prefix over, or with `routes.install: false` nobody has added one. A more specific"
                    + " route is taken as meant and is not reported."),
    NOT_ROUTED(
            "the host has no route to {prefix} of peer {peer}, so the tunnel never carries packets to it, and with"
                    + " rp_filter on none from it",
            "ip route replace {route}",
            "As before. Somebody has removed the route, or with `routes.install: false` nobody has added one."),
    MORE_PREFIXES(
            "prefixes of peers that are not routed into {device} either, beside those above: {count}",
            "The findings name the first ones; `ip route get ADDRESS` tells of the others."),
    FORWARDING_OFF(
            "forwarding of {family} is off ({key} is 0) and {device} has no {family} address, so {family} packets that"
                    + " are not for another address of this machine are dropped",
            "sysctl -w {key}=1",
            "Without forwarding a machine carries only what is its own. With an address on the device that may be meant,"
                    + " and is not reported."),
    FORWARDING_NEEDED(
            "forwarding of {family} is off ({key} is 0), and packets for others than this machine were dropped for it"
                    + " ({count} since the gateway began)",
            "sysctl -w {key}=1",
            "The kernel counts them as `InAddrErrors`, of IPv4 for all devices together (`nstat -az IpInAddrErrors`)."),
    IPV6_NEEDS_1280(
            "{device} has an MTU of {bytes} bytes and peers have IPv6 prefixes, but below 1280 bytes the kernel carries no"
                    + " IPv6",
            "ip link set {device} mtu 1280",
            "The kernel has removed the IPv6 addresses and routes of the device; what is missing afterwards is the next"
                    + " finding, or start the gateway again."),
    MAC_LOOP(
            "MAC addresses flap between {device} and peer {peer}, so what this side sent comes back from there, so both sides are"
                    + " joined a second time; take one of the ways out",
            "ip -d link show {device}",
            "Frames that come back within a second are dropped (`mac_loop`), which keeps the loop from growing. Two gateways that join the"
                    + " same two networks need STP on the bridges, which the tunnel carries. Told for a minute after the last one."),
    MACS_FULL(
            "{entries} MAC addresses are known, and there is no room for more, so frames to the others go to every peer; see who"
                    + " has so many, or raise ethernet.entries",
            "ip -s link show {device}",
            "`fou-gateway macs` shows them. A machine that makes up source addresses fills any table. Addresses in use stay known."),
    CONNTRACK_FULL(
            "{entries} of {max} conntrack entries are in use, beyond {max} the kernel drops packets of new flows, and each"
                    + " flow in the tunnel takes an entry of its own; exempt the tunnel",
            "nft add table inet fou '{ chain in { type filter hook prerouting priority raw; udp dport { {ports} } notrack; }"
                    + " ; chain out { type filter hook output priority raw; udp dport { {ports} } notrack; } ; }'",
            "Every inner flow has an outer source port of its own. Reported from 80 % on. Firewall rules that look at the"
                    + " state must accept `untracked` packets then."),
    MTU_TOO_LARGE(
            "{device} takes packets of {bytes} bytes, but the route to peer {peer} only {sum}, so every full-size packet is"
                    + " first refused, or fragmented; set device.mtu: auto, and now",
            "ip link set {device} mtu {fit}",
            "Senders learn the size from ICMP (`pkt_too_big`), each at the price of a packet and a round trip; those that"
                    + " hear no ICMP hang."),
    RECEIVE_BUFFER_CUT(
            "UDP receive buffers are cut to {bytes} bytes, too little for bursts; start the gateway again after",
            "sysctl -w net.core.rmem_max={wanted}",
            "Without CAP_NET_ADMIN this limit counts, which is that of the machine, not of a container. Losses are in"
                    + " `fou_udp_receive_buffer_drops_total`."),
    SEND_BUFFER_CUT(
            "UDP send buffers are cut to {bytes} bytes, too little for bursts; start the gateway again after",
            "sysctl -w net.core.wmem_max={wanted}",
            "The same in the other direction. Losses are dropped as `socket_sndbuf`."),
    ICMP_NOT_HEARD(
            "{error}: path MTUs are learned late, and senders are not told that a peer is out of reach; give the capability"
                    + " NET_RAW (container: --cap-add NET_RAW; systemd: AmbientCapabilities=CAP_NET_RAW)",
            "Only a raw socket hears of ICMP errors of the underlay."),
    SEGMENTS_REFUSED(
            "packets to peer {peer} leave one by one, because the kernel refused UDP_SEGMENT on the way to it: see ip xfrm"
                    + " policy, and ethtool -k of the underlay device (tx-checksumming)",
            "IPsec and some devices take no super-packets; each packet costs a whole send then."),
    CHECKSUMS_OFF(
            "peer {peer} gets no UDP checksums, so packets to it leave one by one: set checksum: true unless it cannot take"
                    + " them",
            "UDP_SEGMENT needs the checksum."),
    ARRIVES_ONE_BY_ONE(
            "packets from peer {peer} arrive one by one, which costs several times the processor: it sends no UDP checksum"
                    + " (kernel peer: encap-csum, over IPv6 encap-udp6-csum), or the network card does no receive offload"
                    + " (ethtool -K DEVICE gro on rx-udp-gro-forwarding on)",
            "The kernel joins datagrams only when their checksum is known to be right."),
    PEER_REFUSES(
            "peer {peer} answers port unreachable: no gateway runs there, or it listens on another port",
            "ICMP says so: the machine is there, and nobody has the port."),
    PEER_NEVER_HEARD(
            "{sent} packets were sent to peer {peer} and none came back: UDP port {port} is dropped on the way, nobody is there,"
                    + " or it sends from another address than {remote}",
            "Look for a firewall between the two, for the peer's own `status`, and for drops as `unknown_peer` here."),
    MORE_NEVER_HEARD(
            "peers that nothing came back from either, beside those above: {count}",
            "`fou-gateway status` shows them first."),
    EBPF_PASSES_FIREWALL(
            "rules of nftables for the UDP port of the tunnel ({chains}) do not see the packets that eBPF carries: filter by"
                    + " allowed_ips, or on the inner packets, or set device.offload.ebpf: off",
            "The programs come before the firewall on the way in and behind it on the way out. Sets of ports and iptables-legacy"
                    + " are not looked into."),
    EBPF_VIRTUAL_LINK(
            "eBPF does not send to peer {peer}: the link to it is virtual and hands super-packets and unfinished checksums over"
                    + " as they are, which only a kernel takes; set in_kernel: true at the peer if it decapsulates in its"
                    + " kernel",
            "User space carries these packets, as without eBPF. Virtual are veth and whatever does not end at a wire."),
    NEXT_HOP_NO_PEER(
            "next hop {hop} of the route to {prefixes} is no peer, so packets to it are dropped: add it to remote of a peer"
                    + " of type: next_hop, or correct the route",
            "Dropped as `no_route`. A next hop is an outer address, or has one inside (`::a.b.c.d`), or is an inner address"
                    + " that another route through the device leads to."),
    NEXT_HOP_OURSELVES(
            "next hop {hop} of the route to {prefixes} is an address of this host, so packets to it are dropped: name the"
                    + " other host",
            "Dropped as `no_route`: what is sent there would come back to the gateway itself."),
    NEXT_HOP_IN_TUNNEL(
            "next hop {hop} of the route to {prefixes} is itself routed into {device}, so packets to it are dropped",
            "ip route replace {hop} via GATEWAY dev DEVICE",
            "Dropped as `no_route`: the datagrams would go in a circle. A default route through the device needs the outer"
                    + " addresses on the underlay."),
    MEMBERS_LIMIT(
            "next hop {hop} of the route to {prefixes} is one member too many, so packets to it are dropped: raise limit of"
                    + " the peer",
            "Dropped as `no_route`."),
    ROUTES_OF_ONE_TOS(
            "{count} routes through {device} are for packets of one TOS and are not followed: routes.from_kernel knows"
                    + " prefix and metric only",
            "Packets of that TOS take the route of the others."),
    HOST_STATE_MISSING(
            "{device} has lost what it was given, and cannot be given it again: {problem}",
            "What the configuration asks of the host is looked after: addresses, routes and rules that get lost when somebody"
                    + " switches the device off and on, or flushes a table, come back within a moment. Here the kernel refuses"
                    + " it; `/readyz` says so too, and it is tried again."),
    THREAD_STANDS_STILL(
            "thread {thread} has ended, or has stood still for more than a minute: see where with jcmd PID Thread.print,"
                    + " and start the gateway again",
            "What it asked the host for does not answer, or it is a fault of the gateway."),
    CONFIGURATION_REFUSED(
            "the new configuration was refused, the one before holds: {problems}",
            "`fou_config_last_reload_successful` is 0 until a new one is taken over."),
    HOST_NOT_SEEN(
            "the host could not be looked at, so findings about it are missing: {error}",
            "Netlink or /proc did not answer.");

    private static final Pattern PLACEHOLDER = Pattern.compile("\\{([a-z]+)}");

    private final String what;
    private final String line;
    private final String why;

    Finding(String what, String line, String why) {
        this.what = what;
        this.line = line;
        this.why = why;
    }

    /** One that no single command mends: what to do is part of what is found. */
    Finding(String what, String why) {
        this(what, "", why);
    }

    /** What is found, with <code>{name}</code> where values go. */
    public String what() {
        return what;
    }

    /** The command that mends it, with <code>{name}</code> where values go; empty where there is none. */
    public String line() {
        return line;
    }

    /** Where it comes from and how it shows. */
    public String why() {
        return why;
    }

    /**
     * What is found and, behind the last colon with a space, the command that mends it.
     *
     * @param values by the names in {@link #what} and {@link #line}
     */
    public String sentence(Map<String, ?> values) {
        return PLACEHOLDER
                .matcher(line.isEmpty() ? what : what + ": " + line)
                .replaceAll(name ->
                        Matcher.quoteReplacement(values.get(name.group(1)).toString()));
    }
}
