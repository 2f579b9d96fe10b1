package net.fougateway.migration;

import io.netty.util.NetUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.fougateway.codec.Ip;
import net.fougateway.route.Prefix;

/** Writes what a {@link Migration} found. */
final class MigrationText {

    private static final String DEVICE = "fou0";

    private final Migration migration;
    private final List<String> lines = new ArrayList<>();

    MigrationText(Migration migration) {
        this.migration = migration;
    }

    /** The file, each line ended by a line feed. */
    String print() {
        lines.add("# In place of the kernel's own tunnels; written by fou-gateway import.");
        if (migration.peers().isEmpty()) {
            lines.add("# There is none that can be taken over.");
        } else {
            configuration();
        }
        comment("# Not taken over, or otherwise than in the kernel:", migration.remarks().stream());
        if (!migration.peers().isEmpty()) {
            comment("# The kernel lets go of its tunnels with:", undo());
            comment("# Once the gateway runs, for the routes that no daemon makes:", followed());
        }
        return lines.stream().collect(Collectors.joining("\n", "", "\n"));
    }

    private void configuration() {
        lines.add("device:");
        lines.add("  name: " + DEVICE);
        List<Prefix> addresses = addresses();
        if (!addresses.isEmpty()) {
            lines.add("  address: " + YamlText.list(addresses));
        }
        mtuBytes().ifPresent(bytes -> lines.add("  mtu: " + bytes + "   # auto: what the path to the peers takes"));
        lines.add("listen:");
        ports().forEach(lines::add);
        if (migration.peers().stream().anyMatch(ImportedPeer::isNextHop)) {
            lines.add("routes: {from_kernel: main}");
        }
        lines.add(
                "# The kernel takes inner packets from any source; here each peer may send from its allowed_ips. As in the kernel:");
        lines.add("# source_check: off");
        lines.add("peers:");
        migration.peers().forEach(peer -> lines.addAll(peer.lines()));
    }

    private List<Prefix> addresses() {
        return migration.takenOver().stream()
                .flatMap(device -> device.addresses().stream())
                .distinct()
                .toList();
    }

    /** The least, where somebody set one; but not less than IPv6 needs. */
    private Optional<Integer> mtuBytes() {
        if (migration.takenOver().stream().allMatch(TunnelDevice::hasUsualMtu)) {
            return Optional.empty();
        }
        boolean ipv6 = Stream.concat(
                        addresses().stream(), migration.peers().stream().flatMap(peer -> peer.prefixes().stream()))
                .anyMatch(prefix -> !prefix.isIpv4());
        return migration.takenOver().stream()
                .map(TunnelDevice::mtuBytes)
                .min(Integer::compare)
                .map(bytes -> ipv6 ? Math.max(bytes, Ip.V6_MIN_MTU_BYTES) : bytes);
    }

    /** A port that is open in both families is one entry. */
    private Stream<String> ports() {
        List<FouPort> ports = migration.ports();
        return ports.stream()
                .filter(port -> port.ipv4() || ports.stream().noneMatch(port::isTwinOf))
                .map(port -> entry(port, ports.stream().anyMatch(port::isTwinOf)));
    }

    private static String entry(FouPort port, boolean bothFamilies) {
        String any = bothFamilies ? "" : port.ipv4() ? "0.0.0.0" : "::";
        String local = port.local().map(NetUtil::toAddressString).orElse(any);
        return "  - {port: " + port.port()
                + (port.isGue() ? ", encapsulation: gue" : ", ipproto: " + port.protocol())
                + (local.isEmpty() ? "" : ", local: " + YamlText.scalar(local))
                + (port.device().isEmpty() ? "" : ", device: " + YamlText.scalar(port.device())) + "}";
    }

    private Stream<String> undo() {
        return Stream.concat(
                migration.takenOver().stream()
                        .map(device -> device.isFallback()
                                ? "ip link set " + device.name() + " down"
                                : "ip link del " + device.name()),
                migration.ports().stream().map(port -> "ip fou del " + port));
    }

    private Stream<String> followed() {
        return migration.followed().stream().map(route -> "ip route add " + route.through(DEVICE));
    }

    private void comment(String heading, Stream<String> sentences) {
        List<String> all = sentences.toList();
        if (!all.isEmpty()) {
            lines.add(heading);
            all.forEach(sentence -> lines.add("#   " + sentence));
        }
    }
}
