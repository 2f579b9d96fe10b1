package net.fougateway.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** FRR's daemons, started by hand so that several sets of them can run on one machine. */
final class Frr {

    /** In the order in which they want to be started. */
    static final List<String> DAEMONS = List.of("zebra", "staticd", "bfdd", "bgpd");

    private static final Path PROGRAMS = Path.of("/usr/lib/frr");

    private Frr() {}

    /** Skips the test where they are not installed. */
    static void require() throws IOException {
        Requires.need(Files.isExecutable(PROGRAMS.resolve("zebra")), "zebra: apt-get install frr");
        Requires.program("vtysh", "frr");
    }

    /** Runs one in the foreground, with its sockets in {@code directory}, which has to belong to the user frr. */
    static String[] command(String daemon, Path directory, Path config) {
        List<String> command = new ArrayList<>(List.of(
                PROGRAMS.resolve(daemon).toString(),
                "-u",
                "frr",
                "-g",
                "frr",
                "--vty_socket",
                directory.toString(),
                "-z",
                directory.resolve("zserv.api").toString(),
                "-i",
                directory.resolve(daemon + ".pid").toString(),
                "-f",
                config.toString(),
                "-P",
                "0"));
        if (daemon.equals("bfdd")) {
            command.addAll(List.of("--bfdctl", directory.resolve("bfdd.sock").toString()));
        }
        return command.toArray(String[]::new);
    }
}
