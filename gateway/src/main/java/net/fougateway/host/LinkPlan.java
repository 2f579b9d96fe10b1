package net.fougateway.host;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import net.fougateway.linux.Link;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.Route;
import net.fougateway.route.AddressBits;
import net.fougateway.route.Prefix;

/** What {@link LinkSettings} mean on a host, in the order in which it is to be done. Making it changes nothing. */
final class LinkPlan {

    /** A setting of the device. */
    interface Change {
        void run() throws LinuxException;
    }

    /**
     * A setting of the device, which stays when the rest is taken back. One that is as wanted is left alone, because the kernel asks for
     * CAP_NET_ADMIN even when nothing changes; so a device made beforehand can be used without it.
     *
     * @param command the {@code ip} command with the same effect
     */
    record Lasting(String command, Predicate<Link> isAsWanted, Change change) {}

    private final HostTables host;
    private final LinkSettings settings;
    private final TunnelRoutes tunnel;
    private final List<HostPiece> before = new ArrayList<>();
    private final List<HostPiece> after = new ArrayList<>();
    private final List<Problem> problems = new ArrayList<>();
    private List<Problem> reasonsToWait = List.of();

    /**
     * Asks the kernel for what it depends on.
     *
     * @param there what it was given already
     */
    LinkPlan(HostTables host, LinkSettings settings, Collection<HostPiece> there) {
        this.host = host;
        this.settings = settings;
        tunnel = settings.tunnel();
        if (settings.detour().isByRules()) {
            planWithRules();
        } else {
            planWithHostRoutes(there);
        }
    }

    private void planWithRules() {
        Set<Prefix> captured = tunnel.capturing();
        for (Prefix address : tunnel.addresses()) {
            Prefix network = address.masked();
            before.add(new HostPiece.Address(settings.device(), address, !captured.contains(network)));
            if (captured.contains(network)) {
                after.add(inTableOfItsOwn(network));
            }
        }
        tunnel.toAdd().stream()
                .filter(captured::contains)
                .map(this::inTableOfItsOwn)
                .forEach(after::add);
        tunnel.toAdd().stream()
                .filter(route -> !captured.contains(route))
                .flatMap(LinkPlan::halvesOfDefault)
                .distinct()
                .forEach(this::addWay);
        settings.detour()
                .rules(captured, Detour.isReversePathStrict(new Sysctl(Path.of("/proc/sys")), settings.device()))
                .forEach(rule -> after.add(new HostPiece.Policy(rule)));
    }

    private HostPiece inTableOfItsOwn(Prefix route) {
        return new HostPiece.Way(
                new Route(route, settings.device()).in(settings.detour().table(route.length())));
    }

    private void planWithHostRoutes(Collection<HostPiece> there) {
        HostRoutes hostRoutes = new HostRoutes(
                host.routes(),
                settings,
                there.stream()
                        .filter(HostPiece.HostRoute.class::isInstance)
                        .map(piece -> ((HostPiece.HostRoute) piece).route().destination())
                        .toList());
        problems.addAll(hostRoutes.problems());
        reasonsToWait = hostRoutes.reasonsToWait();
        hostRoutes.routes().forEach(route -> before.add(new HostPiece.HostRoute(route)));
        tunnel.addresses().forEach(address -> before.add(new HostPiece.Address(settings.device(), address, true)));
        tunnel.toAdd().stream()
                .flatMap(LinkPlan::halvesOfDefault)
                .distinct()
                .filter(route -> !hostRoutes.hasToWait(route))
                .forEach(this::addWay);
    }

    private void addWay(Prefix route) {
        after.add(new HostPiece.Way(new Route(route, settings.device())));
    }

    /** A default route as its two halves, which the host's own default route survives. */
    private static Stream<Prefix> halvesOfDefault(Prefix prefix) {
        if (prefix.length() > 0) {
            return Stream.of(prefix);
        }
        byte[] upper = prefix.address().getAddress();
        upper[0] = (byte) 0x80;
        return Stream.of(new Prefix(prefix.address(), 1), new Prefix(AddressBits.address(upper), 1));
    }

    /** What comes first. */
    List<Lasting> settingsBeforeAddresses() {
        String device = settings.device();
        int mtuBytes = settings.mtuBytes();
        List<Lasting> lasting = new ArrayList<>();
        lasting.add(new Lasting(
                "ip link set " + device + " mtu " + mtuBytes,
                link -> link.mtuBytes() == mtuBytes,
                () -> host.links().setMtu(device, mtuBytes)));
        settings.bridge()
                .ifPresent(bridge -> lasting.add(new Lasting(
                        "ip link set " + device + " master " + bridge,
                        link -> host.links().isPortOf(link, bridge),
                        () -> host.links().setMaster(device, bridge))));
        if (settings.unicastOnly()) {
            lasting.add(new Lasting(
                    "ip link set " + device + " multicast off addrgenmode none",
                    link -> false,
                    () -> host.links().setUnicastOnly(device)));
        }
        return lasting;
    }

    /** What the device can be given while it is down, and must be given before it is up. */
    List<HostPiece> piecesBeforeUp() {
        return before;
    }

    /** What comes between the two. */
    List<Lasting> settingsBeforeRoutes() {
        String device = settings.device();
        int packets = settings.txQueueLengthPackets();
        return List.of(
                new Lasting(
                        "ip link set " + device + " txqueuelen " + packets,
                        link -> link.txQueueLengthPackets() == packets,
                        () -> host.links().setTxQueueLength(device, packets)),
                new Lasting(
                        "ip link set " + device + " up",
                        Link::up,
                        () -> host.links().setUp(device)));
    }

    /** What the device can be given only while it is up. */
    List<HostPiece> piecesAfterUp() {
        return after;
    }

    /** All that can be taken back. */
    List<HostPiece> pieces() {
        return Stream.concat(before.stream(), after.stream()).toList();
    }

    /** The commands that do the same, in order. */
    List<String> commands() {
        return Stream.of(
                        settingsBeforeAddresses().stream().map(Lasting::command),
                        before.stream().map(HostPiece::command),
                        settingsBeforeRoutes().stream().map(Lasting::command),
                        after.stream().map(HostPiece::command))
                .flatMap(commands -> commands)
                .toList();
    }

    /** Why some of the routes are not in the plan yet, one sentence each. */
    List<Problem> reasonsToWait() {
        return reasonsToWait;
    }

    /** What stands in the way of the plan already. */
    List<Problem> problems() {
        return problems;
    }
}
