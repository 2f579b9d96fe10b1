package net.fougateway.admin;

import java.util.Comparator;
import java.util.Map;
import net.fougateway.ethernet.MacAddress;
import net.fougateway.ethernet.MacTable;
import net.fougateway.metrics.Snapshot;

/** The {@code /macs} document: where MAC addresses are. Keys are added, never renamed. */
final class MacsJson {

    private MacsJson() {}

    /** The document, on one line without a line feed. */
    static String write(Snapshot snapshot) {
        return Json.write(Json.object(
                "device", snapshot.device().name(),
                "moves", snapshot.ethernet().moves(),
                "refused", snapshot.ethernet().refused(),
                "macs",
                        snapshot.ethernet().macs().get().stream()
                                .sorted(Comparator.comparing(MacTable.Entry::peer)
                                        .thenComparing(MacTable.Entry::vlan)
                                        .thenComparing(MacTable.Entry::mac))
                                .map(MacsJson::entry)
                                .toList()));
    }

    /** {@code peer} is null for what is on our own side, {@code ageSeconds} for what is configured. */
    private static Map<String, Object> entry(MacTable.Entry entry) {
        return Json.object(
                "mac",
                new MacAddress(entry.mac()).toString(),
                "vlan",
                entry.vlan(),
                "peer",
                entry.peer().isEmpty() ? null : entry.peer(),
                "ageSeconds",
                entry.isFixed() ? null : entry.ageMillis() / 1000);
    }
}
