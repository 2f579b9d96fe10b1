package net.fougateway.route;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import net.fougateway.codec.Ip;
import net.fougateway.codec.Overhead;

/**
 * The other end of a tunnel.
 *
 * @param index number of the peer, from 0; also its place in counters
 * @param name metric label
 * @param remote outer address
 * @param local outer source address to use, empty for the kernel's choice
 * @param portIpv4 destination port for inner IPv4 (protocol 4)
 * @param portIpv6 destination port for inner IPv6 (protocol 41)
 * @param sourcePort UDP source port, or 0 to choose by inner flow
 * @param checksum whether the UDP checksum is sent
 * @param ttl outer TTL or hop limit, or {@link #INHERIT_TTL}
 * @param tos outer TOS or traffic class, whose ECN bits always come from the inner packet, or {@link #INHERIT_TOS}
 * @param pmtuDiscovery whether outer packets carry DF; without it the underlay may fragment them
 * @param allowedIps prefixes routed to the peer and accepted from it
 * @param pathMtuBytes largest outer packet that reaches the peer
 */
public record Peer(
        int index,
        String name,
        InetAddress remote,
        Optional<InetAddress> local,
        int portIpv4,
        int portIpv6,
        int sourcePort,
        boolean checksum,
        int ttl,
        int tos,
        boolean pmtuDiscovery,
        List<Prefix> allowedIps,
        int pathMtuBytes) {

    /** Value of {@link #ttl}: the TTL of the inner packet. */
    public static final int INHERIT_TTL = 0;
    /** Value of {@link #tos}: the TOS of the inner packet. */
    public static final int INHERIT_TOS = -1;

    /** True when the peer is reached over IPv4. */
    public boolean isIpv4Underlay() {
        return remote instanceof Inet4Address;
    }

    /** Largest inner packet that reaches the peer unfragmented, in bytes. */
    public int innerMtuBytes() {
        return Overhead.innerMtuBytes(pathMtuBytes, isIpv4Underlay());
    }

    /** Destination port for an inner packet of {@code tunnelProtocol} 4 or 41. */
    public int port(int tunnelProtocol) {
        return tunnelProtocol == Ip.IPIP ? portIpv4 : portIpv6;
    }
}
