package net.fougateway.route;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import net.fougateway.codec.EmbeddedAddress;
import net.fougateway.codec.Encapsulation;
import net.fougateway.codec.Gre;
import net.fougateway.codec.Ip;
import net.fougateway.codec.Overhead;

/**
 * The other end of a tunnel.
 *
 * @param index number of the peer, from 0; also its place in counters
 * @param name metric label
 * @param remote outer address; 0.0.0.0 where {@code embedded} finds it, the same or :: while it is not known
 * @param embedded how the outer address is found in the inner one, empty for a peer at one address
 * @param underlay how datagrams to it leave this host
 * @param ports destination ports
 * @param sourcePort UDP source port, or 0 to choose by inner flow
 * @param checksum whether the UDP checksum is sent
 * @param encapsulation what is sent between UDP header and inner packet
 * @param gre options that a GRE header from the peer must have, whatever {@code encapsulation} says
 * @param ttl outer TTL or hop limit, or {@link #INHERIT_TTL}
 * @param tos outer TOS or traffic class, whose ECN bits always come from the inner packet, or {@link #INHERIT_TOS}
 * @param pmtuDiscovery whether outer packets carry DF; without it the underlay may fragment them
 * @param mssClamp whether TCP connections through the tunnel are told a segment size that fits the path
 * @param inKernel whether its packets are decapsulated in the kernel there, which takes super-packets and unfinished checksums as a
 *     virtual link hands them over
 * @param allowedIps prefixes routed to the peer and accepted from it
 * @param frames what it is to a switch, where Ethernet is carried
 * @param pathMtuBytes largest outer packet that the route to the peer takes, before anything else is known of the path
 */
public record Peer(
        int index,
        String name,
        InetAddress remote,
        Optional<EmbeddedAddress> embedded,
        Underlay underlay,
        Ports ports,
        int sourcePort,
        boolean checksum,
        Encapsulation encapsulation,
        Gre gre,
        int ttl,
        int tos,
        boolean pmtuDiscovery,
        boolean mssClamp,
        boolean inKernel,
        List<Prefix> allowedIps,
        PeerFrames frames,
        int pathMtuBytes) {

    /**
     * UDP destination ports.
     *
     * @param ipv4 for bare inner IPv4 (protocol 4)
     * @param ipv6 for bare inner IPv6 (protocol 41)
     * @param gre for GRE (protocol 47)
     */
    public record Ports(int ipv4, int ipv6, int gre) {

        /** The same port for everything. */
        public static Ports all(int port) {
            return new Ports(port, port, port);
        }

        /** Port for packets of {@code tunnelProtocol} 4, 41 or 47. */
        public int of(int tunnelProtocol) {
            return switch (tunnelProtocol) {
                case Ip.IPIP -> ipv4;
                case Ip.IPV6 -> ipv6;
                default -> gre;
            };
        }
    }

    /** Value of {@link #ttl}: the TTL of the inner packet. */
    public static final int INHERIT_TTL = 0;
    /** Value of {@link #tos}: the TOS of the inner packet. */
    public static final int INHERIT_TOS = -1;

    /** The same peer at another place. */
    public Peer withIndex(int other) {
        return other == index ? this : with(other, underlay);
    }

    /** The same peer, reached by datagrams with a mark. */
    public Peer marked(int mark) {
        return mark == underlay.mark() ? this : with(index, underlay.marked(mark));
    }

    private Peer with(int otherIndex, Underlay otherUnderlay) {
        return new Peer(
                otherIndex,
                name,
                remote,
                embedded,
                otherUnderlay,
                ports,
                sourcePort,
                checksum,
                encapsulation,
                gre,
                ttl,
                tos,
                pmtuDiscovery,
                mssClamp,
                inKernel,
                allowedIps,
                frames,
                pathMtuBytes);
    }

    /** Outer source address to use, empty for the kernel's choice. */
    public Optional<InetAddress> local() {
        return underlay.local();
    }

    /** False while the address of the peer is not known: then nothing is sent to it, and nothing comes from it. */
    public boolean isResolved() {
        return embedded.isPresent() || hasAddress();
    }

    /** True when the peer is at one known address. */
    public boolean hasAddress() {
        return !remote.isAnyLocalAddress();
    }

    /** True when the peer is reached over IPv4. */
    public boolean isIpv4Underlay() {
        return remote instanceof Inet4Address;
    }

    /** Largest inner packet, or frame with its Ethernet header, that the route to the peer takes unfragmented, in bytes. */
    public int innerMtuBytes() {
        return Overhead.innerMtuBytes(pathMtuBytes, isIpv4Underlay(), encapsulation);
    }
}
