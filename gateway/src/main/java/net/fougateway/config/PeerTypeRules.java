package net.fougateway.config;

import java.net.Inet4Address;
import java.util.List;
import java.util.Optional;
import net.fougateway.config.ConfigRules.At;
import net.fougateway.config.GatewayConfig.Peer;
import net.fougateway.config.GatewayConfig.PeerType;
import net.fougateway.route.Prefix;

/** What each type of peer needs, and what it has no use for. */
final class PeerTypeRules {

    private final GatewayConfig config;
    private final Problems problems;

    PeerTypeRules(GatewayConfig config, Problems problems) {
        this.config = config;
        this.problems = problems;
    }

    /** Adds what is missing or too much. */
    void check(At<Peer> peer) {
        PeerType type = peer.value().type();
        switch (type) {
            case FIXED -> hasOneRemote(peer);
            case NEXT_HOP -> membersAreFound(peer);
            default -> isFoundInside(peer, type);
        }
        if (type != PeerType.NEXT_HOP
                && !config.isEthernet()
                && peer.value().allowedIps().isEmpty()
                && !problems.isWithin(peer.path() + ".allowed_ips")) {
            problems.add(peer.path(), "the key \"allowed_ips\" is missing, or has no prefix");
        }
        if (type == PeerType.SIX_RD) {
            sixRdPrefixesFit(peer.path() + ".6rd", peer.value().sixRd());
        } else if (!peer.value().sixRd().equals(SixRd.NONE)) {
            problems.add(
                    peer.path() + ".6rd", "type: " + type + " has no use for it: leave it out, or write type: 6rd");
        }
    }

    private void hasOneRemote(At<Peer> peer) {
        String path = peer.path() + ".remote";
        List<At<String>> remotes = ConfigRules.items(path, peer.value().remotes());
        if (problems.isWithin(path)) {
            return;
        }
        if (remotes.isEmpty()) {
            problems.add(peer.path(), "the key \"remote\" is missing");
        } else if (remotes.size() > 1) {
            problems.add(path, "type: fixed is one machine: write one, or type: next_hop");
        } else if (remotes.get(0).value().contains("/")) {
            problems.add(path, "type: fixed is one machine: write its address, or type: next_hop");
        }
    }

    private void membersAreFound(At<Peer> peer) {
        String path = peer.path() + ".remote";
        List<At<String>> remotes = ConfigRules.items(path, peer.value().remotes());
        if (remotes.isEmpty() && !problems.isWithin(path)) {
            problems.add(
                    peer.path(),
                    "type: next_hop needs remote, the prefixes that the members' outer addresses are in, such as 172.16.0.0/12");
        }
        for (At<String> remote : remotes) {
            Optional<Prefix> range = Peer.range(remote.value());
            if (range.isEmpty()) {
                problems.add(remote.path(), "members have no host names: write a prefix such as 172.16.0.0/12");
            } else if (!range.get().isMasked()) {
                problems.add(
                        remote.path(),
                        ConfigRules.text(range.get()) + " has host bits set: write "
                                + ConfigRules.text(range.get().masked()));
            } else if (range.get().address().isMulticastAddress()) {
                problems.add(
                        remote.path(),
                        ConfigRules.text(range.get()) + " is multicast: write the addresses of machines");
            } else if (IpLiteral.isLinkLocal(range.get().address())
                    && peer.value().outerDevice().isEmpty()) {
                problems.add(
                        remote.path(),
                        ConfigRules.text(range.get())
                                + " is link-local: it means something on one interface only: name it as device");
            } else if (!isOfFamilyOfLocal(peer.value(), range.get())) {
                problems.add(
                        remote.path(),
                        ConfigRules.text(range.get())
                                + " is not of the family of local: have a peer of its own for it");
            } else if (!ConfigRules.isHeard(config, range.get().address())) {
                problems.add(
                        remote.path(),
                        "no entry of listen receives "
                                + ConfigRules.family(range.get().address()));
            }
        }
        if (!peer.value().allowedIps().isEmpty()) {
            problems.add(peer.path() + ".allowed_ips", "members have what the host routes to them: leave it out");
        }
        if (config.routes().fromKernel().equals(RoutingTable.OFF)) {
            problems.add(
                    peer.path() + ".type",
                    "next_hop finds members in the host's routes, which nobody reads: set routes.from_kernel: main");
        }
    }

    private void isFoundInside(At<Peer> peer, PeerType type) {
        if (!peer.value().remotes().isEmpty()) {
            problems.add(peer.path() + ".remote", "type: " + type + " finds it in the inner addresses: leave it out");
        }
        if (!(peer.value().local() instanceof Inet4Address)) {
            problems.add(peer.path(), "type: " + type + " needs local, our own IPv4 address in the underlay");
        }
    }

    /** The limits of the kernel's {@code ipip6_tunnel_update_6rd}. */
    private void sixRdPrefixesFit(String path, SixRd sixRd) {
        Prefix prefix = sixRd.prefix();
        Prefix relay = sixRd.relayPrefix();
        if (prefix == null || prefix.isIpv4() || !prefix.isMasked()) {
            problems.add(path, "type: 6rd needs prefix, the IPv6 prefix of all sites, without host bits");
        } else if (relay == null || !relay.isIpv4() || !relay.isMasked()) {
            problems.add(path + ".relay_prefix", "it must be an IPv4 prefix without host bits");
        } else if (prefix.length() + Integer.SIZE - relay.length() > Long.SIZE) {
            problems.add(
                    path, "the IPv4 bits behind " + ConfigRules.text(prefix) + " do not end within the first 64 bits");
        }
    }

    private static boolean isOfFamilyOfLocal(Peer peer, Prefix range) {
        return peer.local() == null || ConfigRules.sameFamily(peer.local(), range.address());
    }
}
