package net.fougateway.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The peers of a status document for people: a line each, or all about one. */
final class PeerView {

    private final StatusDocument now;
    private final Optional<StatusDocument> before;

    /**
     * A view.
     *
     * @param before the document that rates are computed against
     */
    PeerView(StatusDocument now, Optional<StatusDocument> before) {
        this.now = now;
        this.before = before;
    }

    /** A line for each, those first that never answered. */
    Table table(int most) {
        Table table = new Table().row("PEER", "REMOTE", "RECEIVED", "SENT", "LAST HEARD");
        now.objects("peers")
                .sorted(Comparator.comparing(PeerView::isSilent).reversed())
                .limit(most)
                .forEach(peer -> table.row(
                        peer.text("name"),
                        peer.text("remote"),
                        bytes(peer, "received"),
                        bytes(peer, "sent"),
                        lastHeard(peer)));
        return table;
    }

    private static boolean isSilent(StatusDocument peer) {
        return peer.time("lastReceive").equals(Instant.EPOCH)
                && peer.object("sent").number("packets") > 0;
    }

    /** How many there are. */
    long count() {
        return now.objects("peers").count();
    }

    /** All about one peer, and the findings that name it; nothing where there is none of that name. */
    Optional<List<String>> details(String name) {
        return now.objects("peers")
                .filter(peer -> peer.text("name").equals(name))
                .findFirst()
                .map(this::details);
    }

    private List<String> details(StatusDocument peer) {
        List<String> lines = new ArrayList<>();
        now.texts("findings")
                .filter(finding -> finding.contains("peer " + peer.text("name")))
                .forEach(finding -> lines.add("FINDING: " + finding));
        List<String> prefixes = peer.texts("allowedIps").toList();
        Table table = new Table()
                .row("peer", peer.text("name"))
                .row("remote", peer.text("remote") + " port " + peer.text("port"))
                .row("encapsulation", peer.text("encapsulation"))
                .row("path MTU", peer.number("pathMtuBytes") + " bytes")
                .row("received", traffic(peer, "received"))
                .row("sent", traffic(peer, "sent"))
                .row("last heard", lastHeard(peer));
        if (peer.object("ebpf").keys().findAny().isPresent()) {
            table.row(
                    "by eBPF",
                    EbpfTables.share(peer, "received") + " of received, " + EbpfTables.share(peer, "sent")
                            + " of sent");
        }
        table.row("prefixes", prefixes.isEmpty() ? "none" : prefixes.get(0));
        lines.addAll(table.lines());
        lines.addAll(prefixes.stream()
                .skip(1)
                .map(prefix -> " ".repeat("encapsulation  ".length()) + prefix)
                .toList());
        return lines;
    }

    /** Their names, for a message. */
    String names() {
        return now.objects("peers").map(peer -> peer.text("name")).limit(8).collect(Collectors.joining(", "));
    }

    private String lastHeard(StatusDocument peer) {
        Instant time = peer.time("lastReceive");
        return time.equals(Instant.EPOCH) ? "never" : Humane.duration(time, now.time("now")) + " ago";
    }

    private String bytes(StatusDocument peer, String way) {
        return Humane.scaled((double) peer.object(way).number("bytes"), "B") + rate(peer, way, "bytes", "B", " ");
    }

    private String traffic(StatusDocument peer, String way) {
        StatusDocument total = peer.object(way);
        return Humane.packets(total.number("packets")) + rate(peer, way, "packets", "", ", ") + "; "
                + Humane.exact(total.number("bytes")) + " B" + rate(peer, way, "bytes", "B", ", ");
    }

    private String rate(StatusDocument peer, String way, String key, String unit, String separator) {
        return before.map(earlier -> separator + rate(earlier, peer, way, key, unit))
                .orElse("");
    }

    private String rate(StatusDocument earlier, StatusDocument peer, String way, String key, String unit) {
        double seconds = Duration.between(earlier.time("now"), now.time("now")).toMillis() / 1000.0;
        Stream<StatusDocument> same =
                earlier.objects("peers").filter(other -> other.text("name").equals(peer.text("name")));
        long change = peer.object(way).number(key)
                - same.findFirst().orElse(peer).object(way).number(key);
        return Humane.scaled(change / seconds, unit) + "/s";
    }
}
