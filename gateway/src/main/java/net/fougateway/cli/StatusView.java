package net.fougateway.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The human form of a status document: problems first, then device, last change, peers, drops, offloads, totals. */
final class StatusView {

    private static final String RED = "\u001b[31m";
    private static final String BOLD = "\u001b[1m";
    private static final String PLAIN = "\u001b[0m";
    private static final int CHANGES_SHOWN = 3;

    private final StatusDocument now;
    private final StatusDocument before;
    private final boolean verbose;
    private final boolean colour;
    private final List<String> lines = new ArrayList<>();

    /**
     * @param before the document that rates are computed against; null for none
     * @param verbose shows active offloads too
     */
    StatusView(StatusDocument now, StatusDocument before, boolean verbose, boolean colour) {
        this.now = now;
        this.before = comparable(now, before) ? before : null;
        this.verbose = verbose;
        this.colour = colour;
    }

    private static boolean comparable(StatusDocument now, StatusDocument before) {
        return before != null
                && before.time("startedAt").equals(now.time("startedAt"))
                && before.time("now").isBefore(now.time("now"));
    }

    String render() {
        problems();
        device();
        reloads();
        peers();
        EbpfTables.of(now).forEach(this::section);
        drops();
        kernelDrops();
        errors("UDP SEND ERRORS", "udpSendErrors");
        errors("TUN WRITE ERRORS", "tunWriteErrors");
        offloads();
        totals();
        return String.join(System.lineSeparator(), lines) + System.lineSeparator();
    }

    private void problems() {
        now.objects("conditions")
                .filter(condition -> !condition.flag("met"))
                .forEach(condition -> lines.add(paint(RED, "NOT READY: " + condition.text("sentence"))));
        now.texts("findings").forEach(finding -> lines.add(paint(RED, "FINDING: " + finding)));
        if (!lines.isEmpty()) {
            lines.add("");
        }
    }

    private void device() {
        StatusDocument device = now.object("device");
        StatusDocument routes = now.object("routes");
        lines.add(device.text("name") + ": " + (device.flag("up") ? "up" : "down") + ", MTU "
                + device.number("mtuBytes") + ", queues " + device.number("queues") + ", workers "
                + now.number("workers") + ", source ports " + now.number("sourcePorts") + ", prefixes "
                + routes.number("ipv4") + " IPv4 " + routes.number("ipv6") + " IPv6; fou-gateway "
                + now.text("version") + ", running for "
                + Humane.duration(now.time("startedAt"), now.time("now")));
    }

    private void reloads() {
        StatusDocument reloads = now.object("reloads");
        long succeeded = reloads.number("succeeded");
        long failed = reloads.number("failed");
        if (succeeded + failed > 0) {
            lines.add("last configuration change: " + (reloads.flag("lastSuccessful") ? changes(reloads) : "refused")
                    + " (" + Humane.exact(succeeded) + " taken over, " + Humane.exact(failed) + " refused)");
        }
    }

    /** As much as fits a line. Why a change was refused is a finding. */
    private static String changes(StatusDocument reloads) {
        List<String> changes = reloads.texts("last").toList();
        String more = changes.size() > CHANGES_SHOWN ? "; and " + (changes.size() - CHANGES_SHOWN) + " more" : "";
        return changes.stream()
                .limit(CHANGES_SHOWN)
                .collect(Collectors.joining("; ", changes.isEmpty() ? "succeeded" : "succeeded, ", more));
    }

    private void peers() {
        Table table = new Table().row("PEER", "REMOTE", "ENCAPSULATION", "PATH MTU", "RECEIVED", "SENT", "LAST HEARD");
        now.objects("peers")
                .forEach(peer -> table.row(
                        peer.text("name"),
                        peer.text("remote") + " port " + peer.text("port"),
                        peer.text("encapsulation"),
                        Long.toString(peer.number("pathMtuBytes")),
                        traffic(peer.object("received"), earlier(peer).object("received")),
                        traffic(peer.object("sent"), earlier(peer).object("sent")),
                        lastHeard(peer)));
        section(table);
    }

    private StatusDocument earlier(StatusDocument peer) {
        return stream("peers")
                .filter(other -> other.text("name").equals(peer.text("name")))
                .findFirst()
                .orElse(peer);
    }

    private Stream<StatusDocument> stream(String key) {
        return before == null ? Stream.empty() : before.objects(key);
    }

    private String lastHeard(StatusDocument peer) {
        Instant time = peer.time("lastReceive");
        return time.equals(Instant.EPOCH) ? "never" : Humane.duration(time, now.time("now")) + " ago";
    }

    private String traffic(StatusDocument total, StatusDocument earlier) {
        String totals = Humane.scaled((double) total.number("packets"), "") + " packets, "
                + Humane.scaled((double) total.number("bytes"), "B");
        return before == null
                ? totals
                : totals + " (" + rate(total, earlier, "packets", "") + ", " + rate(total, earlier, "bytes", "B") + ")";
    }

    private String rate(StatusDocument total, StatusDocument earlier, String key, String unit) {
        double seconds = Duration.between(before.time("now"), now.time("now")).toMillis() / 1000.0;
        return Humane.scaled((total.number(key) - earlier.number(key)) / seconds, unit) + "/s";
    }

    private void drops() {
        List<StatusDocument> drops = now.objects("drops")
                .filter(drop -> drop.number("packets") > 0)
                .sorted(Comparator.comparingLong((StatusDocument drop) -> drop.number("packets"))
                        .reversed())
                .toList();
        if (drops.isEmpty()) {
            return;
        }
        Table table = new Table().row("DROPPED", "DIRECTION", "REASON", "MEANING");
        drops.forEach(drop -> table.row(
                Humane.exact(drop.number("packets")),
                drop.text("direction"),
                drop.text("reason"),
                drop.text("meaning")));
        section(table);
        lines.add("");
        drops.forEach(drop -> lines.add(drop.text("reason") + ": " + drop.text("remedy")));
    }

    private void kernelDrops() {
        kernelDrops(
                now.number("udpReceiveBufferDrops"),
                "datagrams because a socket's receive buffer was full: raise net.core.rmem_max");
        StatusDocument damaged = now.object("udpChecksumErrors");
        kernelDrops(
                damaged.number("ipv4") + damaged.number("ipv6"),
                "datagrams, of the gateway or others, because the UDP checksum was wrong: "
                        + "look for a middlebox, or for transmit offload at the sender (ethtool -K DEVICE tx off)");
        kernelDrops(
                now.object("device").number("queueDrops"),
                "packets because the TUN queue was full: raise txqueuelen of the device or workers");
    }

    private void kernelDrops(long count, String what) {
        if (count > 0) {
            lines.add("");
            lines.add("The kernel dropped " + Humane.exact(count) + " " + what + ".");
        }
    }

    private void errors(String title, String key) {
        StatusDocument errors = now.object(key);
        Table table = new Table().row(title, "ERROR");
        List<String> seen =
                errors.keys().filter(errno -> errors.number(errno) > 0).toList();
        seen.forEach(errno -> table.row(Humane.exact(errors.number(errno)), errno));
        if (!seen.isEmpty()) {
            section(table);
        }
    }

    private void offloads() {
        List<StatusDocument> shown = now.objects("offloads")
                .filter(offload -> verbose || !offload.flag("active"))
                .toList();
        if (shown.isEmpty()) {
            return;
        }
        Table table = new Table().row("OFFLOAD", "STATE", "WHY");
        shown.forEach(offload -> table.row(
                offload.text("feature"), offload.flag("active") ? "active" : "inactive", offload.text("detail")));
        section(table);
    }

    private void totals() {
        StatusDocument directions = now.object("directions");
        Table table = new Table().row("TOTAL", "RECEIVED", "= FORWARDED", "+ DROPPED");
        directions
                .keys()
                .forEach(direction -> table.row(
                        direction,
                        total(direction, "received"),
                        "= " + total(direction, "forwarded"),
                        "+ " + total(direction, "dropped")));
        section(table);
    }

    private String total(String direction, String part) {
        StatusDocument traffic = now.object("directions").object(direction).object(part);
        return Humane.exact(traffic.number("packets")) + " packets, " + Humane.exact(traffic.number("bytes")) + " B";
    }

    private void section(Table table) {
        lines.add("");
        List<String> rows = table.lines();
        lines.add(paint(BOLD, rows.get(0)));
        lines.addAll(rows.subList(1, rows.size()));
    }

    private String paint(String style, String text) {
        return colour ? style + text + PLAIN : text;
    }
}
