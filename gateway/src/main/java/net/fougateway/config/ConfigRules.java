package net.fougateway.config;

import io.netty.util.NetUtil;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.fougateway.codec.Format;
import net.fougateway.codec.InnerProtocol;
import net.fougateway.codec.Ip;
import net.fougateway.config.GatewayConfig.Listen;
import net.fougateway.config.GatewayConfig.Peer;
import net.fougateway.route.AddressBits;
import net.fougateway.route.Prefix;

/** Rules between settings. List items that could not be read are null; the rules pass over them. */
final class ConfigRules {

    private static final String NEEDS_A_DEVICE = " is link-local: it means something on one interface only: ";
    private static final String ANOTHER_ADDRESS = "write a global or unique local address (fd00::/8)";

    private final GatewayConfig config;
    private final Problems problems;
    private final List<At<Listen>> listens;
    private final List<At<Peer>> peers;
    private final List<At<Prefix>> deviceAddresses;

    ConfigRules(GatewayConfig config, Problems problems) {
        this.config = config;
        this.problems = problems;
        this.listens = items("listen", config.listen());
        this.peers = items("peers", config.peers());
        this.deviceAddresses = items("device.address", config.device().address());
    }

    /** A value and where it is written. */
    record At<T>(String list, int item, T value) {

        String path() {
            return list + "[" + item + "]";
        }
    }

    private record Claim(At<Peer> peer, At<Prefix> prefix) {}

    void check() {
        peerNamesDiffer();
        prefixesHaveNoHostBits();
        prefixesBelongToOnePeer();
        listensDiffer();
        adminListens();
        ipv6FitsMtu();
        sourcePortsSuffice();
        listens.forEach(this::gueTakesAnyProtocol);
        listens.forEach(this::listensOnOwnAddress);
        deviceAddresses.forEach(this::isAddressOfHost);
        peers.forEach(new PeerTypeRules(config, problems)::check);
        new EthernetRules(config, problems).check(listens, peers);
        peers.forEach(this::remoteChecksumNeedsGue);
        peers.forEach(this::numberedPacketsNeedOneWorker);
        peers.forEach(this::peerAddressesAreUnicast);
        peers.forEach(this::localHasFamilyOfRemote);
        peers.forEach(this::remoteCanAnswer);
        peers.forEach(this::remoteIsNotOurself);
        sharedSourcePortsAgree();
    }

    private void peerNamesDiffer() {
        Map<String, At<Peer>> first = new HashMap<>();
        for (At<Peer> peer : peers) {
            if (peer.value().name().isEmpty()) {
                continue;
            }
            At<Peer> other = first.putIfAbsent(peer.value().name(), peer);
            if (other != null) {
                problems.add(
                        peer.path() + ".name",
                        quoted(peer) + " is already the name of " + other.path() + ": give it another");
            }
        }
    }

    private void prefixesHaveNoHostBits() {
        claims().map(Claim::prefix)
                .filter(at -> !at.value().isMasked())
                .forEach(at -> problems.add(
                        at.path(),
                        text(at.value()) + " has host bits set: write "
                                + text(at.value().masked())));
    }

    private void prefixesBelongToOnePeer() {
        Map<Prefix, Claim> first = new HashMap<>();
        claims().forEach(claim -> {
            Prefix prefix = claim.prefix().value().masked();
            Claim other = first.putIfAbsent(prefix, claim);
            if (other != null) {
                String belongs = text(prefix) + " of peer " + quoted(claim.peer()) + " already belongs to peer ";
                problems.add(
                        claim.prefix().path(),
                        belongs + quoted(other.peer()) + " (" + other.prefix().path() + ")");
            }
        });
    }

    private void listensDiffer() {
        Map<String, At<Listen>> first = new HashMap<>();
        for (At<Listen> listen : listens) {
            if (problems.isWithin(listen.path())) {
                continue;
            }
            for (InetAddress address : listen.value().bindAddresses()) {
                String device = listen.value().device();
                String what =
                        family(address) + " port " + listen.value().port() + (device == null ? "" : " of " + device);
                At<Listen> other = first.putIfAbsent(what, listen);
                if (other != null) {
                    problems.add(
                            listen.path(),
                            what + " is already taken by " + other.path() + ": choose another port, local or device");
                }
            }
        }
    }

    private void adminListens() {
        List<SocketAddress> addresses = config.admin().listen();
        if (addresses.isEmpty()) {
            problems.add("admin.listen", "the list must not be empty: leave the key out for its default");
        }
        IntStream.range(1, addresses.size())
                .filter(i -> addresses.subList(0, i).contains(addresses.get(i)))
                .forEach(i -> problems.add("admin.listen[" + i + "]", "is there twice: keep one"));
    }

    private void ipv6FitsMtu() {
        int mtuBytes = config.device().mtuBytes();
        Stream.concat(deviceAddresses.stream(), claims().map(Claim::prefix))
                .filter(at -> !at.value().isIpv4())
                .findFirst()
                .filter(at -> mtuBytes != GatewayConfig.AUTO && mtuBytes < Ip.V6_MIN_MTU_BYTES)
                .ifPresent(at -> problems.add(
                        "device.mtu",
                        mtuBytes + " is less than 1280, the smallest MTU that IPv6 works with (RFC 8200), and "
                                + at.path() + " is IPv6: raise the one or leave out the other"));
    }

    private void sourcePortsSuffice() {
        SourcePortRange range = config.sourcePorts().range();
        int ports = range.max() - range.min() + 1;
        if (ports < config.sourcePorts().sockets()) {
            problems.add(
                    "source_ports.sockets",
                    config.sourcePorts().sockets() + " sockets do not fit the " + ports
                            + " ports of the range: widen source_ports.range or have fewer");
        }
    }

    private void gueTakesAnyProtocol(At<Listen> listen) {
        if (listen.value().encapsulation() == Format.GUE && listen.value().ipproto() != InnerProtocol.AUTO) {
            problems.add(
                    listen.path() + ".ipproto",
                    "a GUE port takes any protocol: leave ipproto out, or encapsulation: gue");
        }
    }

    private void remoteChecksumNeedsGue(At<Peer> peer) {
        if (peer.value().remoteChecksum() && peer.value().encapsulation() != Format.GUE) {
            problems.add(peer.path() + ".remote_checksum", "only a GUE header can say so: set encapsulation: gue");
        }
    }

    private void numberedPacketsNeedOneWorker(At<Peer> peer) {
        if (peer.value().gre().sequence() && config.workers() > 1) {
            problems.add(
                    peer.path() + ".gre.sequence",
                    "numbered packets must leave in order, which " + config.workers()
                            + " workers cannot promise: set workers to 1 or auto");
        }
    }

    private void peerAddressesAreUnicast(At<Peer> peer) {
        String device = peer.value().outerDevice();
        String remedy = "name it as device, or write fe80::2%eth0 as remote";
        peer.value().remoteLiteral().ifPresent(remote -> {
            mustBeUnicast(peer.path() + ".remote", remote);
            mustHaveItsDevice(peer.path() + ".remote", remote, device, remedy);
        });
        Optional.ofNullable(peer.value().local()).ifPresent(local -> {
            mustBeUnicast(peer.path() + ".local", local);
            mustHaveItsDevice(peer.path() + ".local", local, device, remedy);
        });
        String zone =
                Optional.ofNullable(peer.value().remote()).map(IpLiteral::zone).orElse("");
        if (!zone.isEmpty() && !zone.equals(device)) {
            problems.add(
                    peer.path() + ".device",
                    device + " is not the interface that remote names, " + zone + ": keep one");
        }
    }

    private void mustBeUnicast(String path, InetAddress address) {
        if (address.isMulticastAddress() || address.isAnyLocalAddress() || isLimitedBroadcast(address)) {
            problems.add(path, text(address) + " is not the address of one machine: write one that is");
        }
    }

    private void mustHaveItsDevice(String path, InetAddress address, String device, String remedy) {
        if (IpLiteral.isLinkLocal(address) && device.isEmpty()) {
            problems.add(path, text(address) + NEEDS_A_DEVICE + remedy);
        }
    }

    private static boolean isLimitedBroadcast(InetAddress address) {
        return address instanceof Inet4Address && (int) AddressBits.high(address) == -1;
    }

    private void listensOnOwnAddress(At<Listen> listen) {
        InetAddress local = listen.value().local();
        if (local != null && !local.isAnyLocalAddress()) {
            String device = Optional.ofNullable(listen.value().device()).orElse("");
            mustBeUnicast(listen.path() + ".local", local);
            mustHaveItsDevice(listen.path() + ".local", local, device, "name it as device");
        }
    }

    /** The kernel takes the first and the last address of an IPv4 network too, and then nobody can reach them. */
    private void isAddressOfHost(At<Prefix> device) {
        mustBeUnicast(device.path(), device.value().address());
        mustHaveItsDevice(device.path(), device.value().address(), "", ANOTHER_ADDRESS);
        int hostBits = Integer.SIZE - device.value().length();
        if (device.value().isIpv4() && hostBits > 1) {
            int host = (int) AddressBits.high(device.value().address()) & (int) ((1L << hostBits) - 1);
            if (host == 0 || host == (int) ((1L << hostBits) - 1)) {
                problems.add(
                        device.path(),
                        text(device.value()) + " is the " + (host == 0 ? "first" : "last")
                                + " address of its network, which stands for all of it: write one in between");
            }
        }
    }

    private void localHasFamilyOfRemote(At<Peer> peer) {
        InetAddress local = peer.value().local();
        peer.value()
                .remoteLiteral()
                .filter(remote -> local != null && !sameFamily(local, remote))
                .ifPresent(remote -> problems.add(
                        peer.path() + ".local",
                        text(local) + " is " + family(local) + ", but remote " + text(remote) + " is " + family(remote)
                                + ": both must be of one family"));
    }

    private void remoteCanAnswer(At<Peer> peer) {
        peer.value()
                .remoteLiteral()
                .filter(remote -> !isHeard(config, remote))
                .ifPresent(remote -> problems.add(
                        peer.path() + ".remote",
                        "no entry of listen receives " + family(remote) + ", so nothing from " + text(remote)
                                + " can arrive: add an entry, or leave local out"));
    }

    /** True when an entry of {@code listen} receives what comes from an address. */
    static boolean isHeard(GatewayConfig config, InetAddress remote) {
        return config.listen().stream()
                .filter(Objects::nonNull)
                .flatMap(listen -> listen.bindAddresses().stream())
                .anyMatch(address -> sameFamily(address, remote));
    }

    private void remoteIsNotOurself(At<Peer> peer) {
        peer.value()
                .remoteLiteral()
                .flatMap(remote -> deviceAddresses.stream()
                        .filter(at -> at.value().address().equals(remote))
                        .findFirst())
                .ifPresent(at -> problems.add(
                        peer.path() + ".remote",
                        text(at.value().address()) + " is the address of the device itself (" + at.path()
                                + "): write the peer's address outside the tunnel"));
    }

    /** What listens must leave by the interface that it arrives by: else the socket that sends would take what arrives, and drop it. */
    private void sharedSourcePortsAgree() {
        peers.forEach(peer -> listens.stream()
                .filter(listen -> listen.value().port() == peer.value().sourcePort())
                .filter(listen -> listen.value().device() == null)
                .filter(listen -> !peer.value().outerDevice().isEmpty())
                .findFirst()
                .ifPresent(listen -> problems.add(
                        peer.path() + ".source_port",
                        "it is the port of " + listen.path() + ", which receives by every interface: give that device: "
                                + peer.value().outerDevice() + " too, or choose another port")));
        Map<String, At<Peer>> first = new HashMap<>();
        peers.stream().filter(peer -> sendsFromListenPort(peer.value())).forEach(peer -> agreesWithFirst(peer, first));
    }

    private void agreesWithFirst(At<Peer> peer, Map<String, At<Peer>> first) {
        int port = peer.value().sourcePort();
        for (String family : outerFamilies(peer.value())) {
            At<Peer> other = first.putIfAbsent(family + port, peer);
            if (other != null && !sendAlike(peer.value(), other.value())) {
                String both = "peers " + quoted(peer) + " and " + quoted(other);
                problems.add(
                        peer.path() + ".source_port",
                        both + " send from listen port " + port + " and must agree on checksum and pmtu_discovery");
                return;
            }
        }
    }

    private boolean sendsFromListenPort(Peer peer) {
        return listens.stream().anyMatch(listen -> listen.value().port() == peer.sourcePort());
    }

    private static boolean sendAlike(Peer a, Peer b) {
        return a.checksum() == b.checksum() && a.pmtuDiscovery() == b.pmtuDiscovery();
    }

    /** Families in which the peer may be reached; both when only name resolution can tell. */
    private static List<String> outerFamilies(Peer peer) {
        return peer.remoteLiteral()
                .or(() -> Optional.ofNullable(peer.local()))
                .map(address -> List.of(family(address)))
                .orElse(List.of("IPv4", "IPv6"));
    }

    private Stream<Claim> claims() {
        return peers.stream()
                .flatMap(
                        peer -> items(peer.path() + ".allowed_ips", peer.value().allowedIps()).stream()
                                .map(prefix -> new Claim(peer, prefix)));
    }

    static <T> List<At<T>> items(String path, List<T> list) {
        return IntStream.range(0, list.size())
                .mapToObj(i -> new At<>(path, i, list.get(i)))
                .filter(at -> Objects.nonNull(at.value()))
                .toList();
    }

    static boolean sameFamily(InetAddress a, InetAddress b) {
        return a.getClass() == b.getClass();
    }

    static String family(InetAddress address) {
        return address.getAddress().length == 4 ? "IPv4" : "IPv6";
    }

    private static String quoted(At<Peer> peer) {
        return ScalarType.quote(peer.value().name());
    }

    static String text(Prefix prefix) {
        return text(prefix.address()) + "/" + prefix.length();
    }

    private static String text(InetAddress address) {
        return NetUtil.toAddressString(address);
    }
}
