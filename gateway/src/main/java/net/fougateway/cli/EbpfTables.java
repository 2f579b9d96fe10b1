package net.fougateway.cli;

import java.util.ArrayList;
import java.util.List;

/** What programs in the kernel carried of each peer's packets, and why user space carried the others. */
final class EbpfTables {

    private static final double PERCENT = 100.0;

    private EbpfTables() {}

    /**
     * None without programs.
     *
     * @param most peers
     */
    static List<Table> of(StatusDocument status, int most) {
        List<Table> tables = new ArrayList<>();
        if (status.object("ebpf").objects("programs").findAny().isEmpty()) {
            return tables;
        }
        Table peers = new Table().row("CARRIED BY EBPF", "OF RECEIVED", "OF SENT");
        status.objects("peers")
                .limit(most)
                .forEach(peer -> peers.row(peer.text("name"), share(peer, "received"), share(peer, "sent")));
        tables.add(peers);
        Table handedOn = new Table().row("LEFT TO USER SPACE", "DIRECTION", "WHY");
        List<StatusDocument> verdicts = status.object("ebpf")
                .objects("verdicts")
                .filter(verdict -> !verdict.text("outcome").equals("taken") && verdict.number("packets") > 0)
                .toList();
        verdicts.forEach(verdict -> handedOn.row(
                Humane.exact(verdict.number("packets")), verdict.text("direction"), verdict.text("verdict")));
        if (!verdicts.isEmpty()) {
            tables.add(handedOn);
        }
        return tables;
    }

    /** The share that programs carried of what was {@code received} or {@code sent}. */
    static String share(StatusDocument peer, String way) {
        long all = peer.object(way).number("packets");
        long carried = peer.object("ebpf").object(way).number("packets");
        return all == 0 ? "-" : "%.1f %%".formatted(PERCENT * carried / all);
    }
}
