package net.fougateway.plan;

import java.net.InetAddress;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import net.fougateway.codec.Offload;
import net.fougateway.codec.PortPayload;
import net.fougateway.config.GatewayConfig;
import net.fougateway.config.GatewayConfig.Switch;
import net.fougateway.config.Offloads;
import net.fougateway.host.Detour;
import net.fougateway.host.LinkSettings;
import net.fougateway.host.TunnelRoutes;
import net.fougateway.linux.LinuxException;
import net.fougateway.route.Peer;
import net.fougateway.route.Prefix;

/**
 * All that follows from a configuration on a host. Every command begins with it; making it changes nothing.
 *
 * @param tunnel the routes into the device, and what they must not capture
 * @param peering the peers, and which way packets go
 * @param named the peers at host names
 * @param mtu of the device
 * @param workers as wanted; a device may have fewer queues
 * @param listens where datagrams arrive, one for each address and port
 */
public record Plan(
        GatewayConfig config,
        TunnelRoutes tunnel,
        Peering peering,
        NamedPeers named,
        DeviceMtu mtu,
        WorkerCount workers,
        List<Listen> listens) {

    /** Transmit queue of the TUN device: short enough for latency, long enough for a burst. */
    private static final int TX_QUEUE_PACKETS = 1000;

    /**
     * Where datagrams arrive.
     *
     * @param device interface or VRF to receive by; empty for any
     */
    public record Listen(InetAddress address, int port, PortPayload payload, String device) {}

    /**
     * What follows from {@code config}.
     *
     * @throws StartException when a peer is this host itself
     */
    public static Plan of(GatewayConfig config, HostLookups host) throws StartException {
        return of(config, host, NamedPeers.NONE);
    }

    /**
     * What follows from {@code config} where this holds: of the addresses of its name a peer keeps the one that it has, as long as it may.
     *
     * @throws StartException as {@link #of}
     */
    public Plan next(GatewayConfig config, HostLookups host) throws StartException {
        return of(config, host, named);
    }

    /** True when a name leads elsewhere now, or a route does. */
    public boolean isOutdated(HostLookups host) {
        return !AddressChoice.of(config, host, named).equals(named);
    }

    private static Plan of(GatewayConfig config, HostLookups asked, NamedPeers before) throws StartException {
        HostLookups host = new RememberedRoutes(asked);
        PeerResolver.requireOtherHosts(config, host);
        NamedPeers named = AddressChoice.of(config, host, before);
        TunnelRoutes tunnel = DeviceRouting.of(config, named);
        boolean marked = config.device().fwmark().isFixed() || (tunnel.isAnyCaptured() && host.hasRules());
        return of(config, tunnel, Peering.of(config, host, named, marked ? config.mark() : 0), named, host);
    }

    private static Plan of(
            GatewayConfig config, TunnelRoutes tunnel, Peering peering, NamedPeers named, HostLookups host) {
        return new Plan(
                config,
                tunnel,
                peering,
                named,
                DeviceMtu.of(
                        config.device(),
                        Stream.concat(peering.peers().stream(), examples(config, host))
                                .toList()),
                WorkerCount.of(config, host.processors()),
                config.listen().stream()
                        .flatMap(listen -> addresses(listen, host).stream()
                                .map(address -> new Listen(
                                        address,
                                        listen.port(),
                                        listen.payload(),
                                        Optional.ofNullable(listen.device()).orElse(""))))
                        .toList());
    }

    /** A member in each range, as far as there is a route to it: the device has to suit those that come later, too. */
    private static Stream<Peer> examples(GatewayConfig config, HostLookups host) {
        return config.templates().stream()
                .flatMap(template -> template.ranges().stream()
                        .map(Prefix::address)
                        .filter(address -> isReachable(address, template, config.mark(), host))
                        .map(address -> Peering.member(config, host, template, template.name(), address)));
    }

    private static boolean isReachable(InetAddress address, GatewayConfig.Peer from, int mark, HostLookups host) {
        try {
            host.route(address, from.underlay(mark));
            return true;
        } catch (LinuxException noRoute) {
            return false;
        }
    }

    /** The configured address, or the wildcards of the families that this kernel has. */
    private static List<InetAddress> addresses(GatewayConfig.Listen listen, HostLookups host) {
        return listen.local() != null
                ? List.of(listen.local())
                : listen.bindAddresses().stream()
                        .filter(host::isFamilySupported)
                        .toList();
    }

    /** Name of the device. */
    public String device() {
        return config.device().name();
    }

    /** The peers, in the order of their indexes. */
    public List<Peer> peers() {
        return peering.peers();
    }

    /** The offloads that the kernel is asked for. */
    public Set<Offload> offloads() {
        Offloads configured = config.device().offload();
        Map<Offload, Switch> switches = new EnumMap<>(Map.of(
                Offload.TUN_CHECKSUM, configured.tunChecksum(),
                Offload.TUN_TSO4, configured.tunTso4(),
                Offload.TUN_TSO6, configured.tunTso6(),
                Offload.TUN_USO, configured.tunUso(),
                Offload.UDP_GSO, configured.udpGso(),
                Offload.UDP_GRO, configured.udpGro()));
        switches.values().removeIf(wanted -> wanted != Switch.AUTO);
        return switches.keySet();
    }

    /**
     * What the host has to be given.
     *
     * @param created whether the device is the gateway's own; on one that the administrator made, and for Ethernet, multicast is left alone
     */
    public LinkSettings link(boolean created) {
        return new LinkSettings(
                device(),
                mtu.bytes(),
                created && !config.isEthernet(),
                config.device().persist(),
                TX_QUEUE_PACKETS,
                tunnel,
                new Detour(
                        peering.mark(),
                        config.listen().stream().map(GatewayConfig.Listen::port).toList()),
                Optional.ofNullable(config.device().bridge()));
    }
}
