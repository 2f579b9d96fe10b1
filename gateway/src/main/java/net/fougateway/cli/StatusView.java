package net.fougateway.cli;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The human form of a status document: problems first, then device, last change, peers, drops, offloads, totals. */
final class StatusView {

    private static final String RED = "\u001b[31m";
    private static final String BOLD = "\u001b[1m";
    static final String PLAIN = "\u001b[0m";
    private static final int CHANGES_SHOWN = 3;
    private static final int COLUMNS = 80;

    private final StatusDocument now;
    private final StatusDocument before;
    private final boolean verbose;
    private final boolean colour;
    private final Terminal terminal;
    private final List<String> lines = new ArrayList<>();

    /**
     * @param before the document that rates are computed against; null for none
     * @param verbose shows active offloads too
     * @param terminal that it has to fit
     */
    StatusView(StatusDocument now, StatusDocument before, boolean verbose, boolean colour, Terminal terminal) {
        this.now = now;
        this.before = comparable(now, before) ? before : null;
        this.verbose = verbose;
        this.colour = colour;
        this.terminal = terminal;
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
        EbpfTables.of(now, terminal.share()).forEach(this::section);
        drops();
        kernelDrops();
        errors("UDP SEND ERRORS", "udpSendErrors");
        errors("TUN WRITE ERRORS", "tunWriteErrors");
        offloads();
        totals();
        return lines.stream()
                .limit(terminal.rows() == 0 ? lines.size() : terminal.rows() - 1)
                .map(line -> terminal.cut(line) + System.lineSeparator())
                .collect(Collectors.joining());
    }

    private void problems() {
        now.objects("conditions")
                .filter(condition -> !condition.flag("met"))
                .forEach(condition -> lines.add(paint(RED, "NOT READY: " + condition.text("sentence"))));
        List<String> findings = now.texts("findings").toList();
        findings.stream().limit(terminal.share()).forEach(finding -> lines.add(paint(RED, "FINDING: " + finding)));
        more(findings.size(), "finding");
        if (!lines.isEmpty()) {
            lines.add("");
        }
    }

    private void more(long all, String what) {
        long more = all - terminal.share();
        if (more > 0) {
            lines.add("… and " + more + " more " + what + (more == 1 ? "" : "s"));
        }
    }

    private void device() {
        StatusDocument device = now.object("device");
        StatusDocument routes = now.object("routes");
        lines.add(device.text("name") + ": " + (device.flag("up") ? "up" : "down") + ", MTU "
                + device.number("mtuBytes") + "; fou-gateway " + now.text("version") + ", running for "
                + Humane.duration(now.time("startedAt"), now.time("now")));
        lines.add("prefixes " + routes.number("ipv4") + " IPv4 " + routes.number("ipv6") + " IPv6, queues "
                + device.number("queues") + ", workers " + now.number("workers") + ", source ports "
                + now.number("sourcePorts"));
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
        PeerView peers = new PeerView(now, Optional.ofNullable(before));
        section(peers.table(terminal.share()));
        more(peers.count(), "peer");
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
        Table table = new Table().row("DROPPED", "REASON", "DIRECTION");
        drops.forEach(drop -> table.row(
                Humane.exact(drop.number("packets")), drop.text("reason"), direction(drop.text("direction"))));
        section(table);
        drops.forEach(drop ->
                paragraph(drop.text("reason") + ": " + drop.text("meaning") + " " + drop.text("remedy") + last(drop)));
    }

    private String last(StatusDocument drop) {
        StatusDocument last = drop.object("last");
        String preposition = drop.text("direction").equals("udp_to_tun") ? "from " : "to ";
        return last.text("address").isEmpty()
                ? ""
                : " Last " + preposition + last.text("address") + ", "
                        + Humane.duration(last.time("at"), now.time("now")) + " ago.";
    }

    /** The word of metrics, and what it means. */
    private static String direction(String label) {
        return switch (label) {
            case "udp_to_tun" -> "from peers (udp_to_tun)";
            case "tun_to_udp" -> "to peers (tun_to_udp)";
            default -> label;
        };
    }

    /** Text in lines of {@link #COLUMNS}, after an empty one. */
    private void paragraph(String text) {
        lines.add("");
        StringBuilder line = new StringBuilder();
        for (String word : text.split(" ", -1)) {
            if (line.length() + word.length() >= COLUMNS) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        lines.add(line.toString());
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
            paragraph("The kernel dropped " + Humane.exact(count) + " " + what + ".");
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
        Table table = new Table().row("TOTAL", "", "RECEIVED", "= FORWARDED", "+ DROPPED");
        directions.keys().forEach(direction -> {
            totals(table, direction(direction).replaceFirst(" \\(.*", ""), directions.object(direction), "packets");
            totals(table, "", directions.object(direction), "bytes");
        });
        section(table);
    }

    private static void totals(Table table, String name, StatusDocument direction, String unit) {
        table.row(
                name,
                unit,
                Humane.exact(direction.object("received").number(unit)),
                "= " + Humane.exact(direction.object("forwarded").number(unit)),
                "+ " + Humane.exact(direction.object("dropped").number(unit)));
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
