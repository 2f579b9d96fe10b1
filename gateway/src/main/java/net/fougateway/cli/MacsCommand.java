package net.fougateway.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code fou-gateway macs}: where the running gateway, a switch with {@code device.mode: tap}, knows MAC addresses. */
@Command(
        name = "macs",
        description = "Show where MAC addresses are, with device.mode: tap.",
        mixinStandardHelpOptions = true)
public final class MacsCommand implements Callable<Integer> {

    @Mixin
    private AdminOption admin;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        try {
            StatusDocument document = StatusDocument.parse(admin.document("/macs"));
            Table table = new Table().row("MAC", "VLAN", "PEER", "AGE");
            document.objects("macs").forEach(mac -> addRow(table, mac, document.text("device")));
            table.lines().forEach(spec.commandLine().getOut()::println);
            return 0;
        } catch (IOException e) {
            spec.commandLine().getErr().println(e.getMessage());
            return 1;
        }
    }

    private static void addRow(Table table, StatusDocument mac, String device) {
        String peer = mac.text("peer");
        boolean fixed = mac.fields().get("ageSeconds") == null;
        long vlan = mac.number("vlan");
        table.row(
                mac.text("mac"),
                vlan == 0 ? "" : Long.toString(vlan),
                peer.isEmpty() ? "(" + device + ")" : peer,
                fixed ? "static" : mac.number("ageSeconds") + " s");
    }
}
