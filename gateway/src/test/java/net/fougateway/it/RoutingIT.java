package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code docs/routing.md}: its files and commands, as they stand, on three machines behind a router. */
class RoutingIT {

    private static final String BIRD = "With BIRD";
    private static final String FRR = "With FRR";
    private static final String MIXED = "BIRD and FRR together";
    private static final String FLANNEL = "With flannel";

    @TempDir
    private Path folder;

    @BeforeEach
    void require() throws Exception {
        Requires.program("ping", "iputils-ping");
    }

    @Test
    void birdSaysWhereTheMachinesAre() throws Exception {
        Requires.program("bird", "bird2");
        try (Lab lab = Lab.create()) {
            RoutingMachines machines = new RoutingMachines(lab, folder);
            for (int number = 1; number <= RoutingMachines.COUNT; number++) {
                machines.bird(number, RoutingMachines.file(BIRD, "", number));
            }
            machines.awaitAll();
            assertThat(machines.gateway(1).run("routes").output()).contains("bird via 172.16.2.10");
            shareAndLose(machines, "172.16.2.10,172.16.3.10");
        }
    }

    @Test
    void frrSaysWhereTheMachinesAre() throws Exception {
        Frr.require();
        try (Lab lab = Lab.create()) {
            RoutingMachines machines = new RoutingMachines(lab, folder);
            for (int number = 1; number <= RoutingMachines.COUNT; number++) {
                machines.frr(number, frr(number));
            }
            machines.awaitAll();
            assertThat(machines.gateway(1).run("routes").output()).contains("bgp via 172.16.2.10");
            shareAndLose(machines, "172.16.2.10,172.16.3.10");
        }
    }

    @Test
    void birdAndFrrTogether() throws Exception {
        Requires.program("bird", "bird2");
        Frr.require();
        try (Lab lab = Lab.create()) {
            RoutingMachines machines = new RoutingMachines(lab, folder);
            for (int number = 1; number < RoutingMachines.COUNT; number++) {
                machines.bird(
                        number,
                        RoutingMachines.file(BIRD, "", number).replaceAll("(?m)^protocol bgp .*", "")
                                + RoutingMachines.file(MIXED, "", number));
            }
            machines.frr(RoutingMachines.COUNT, frr(RoutingMachines.COUNT));
            machines.awaitAll();
            shareAndLose(machines, "10.10.10.2,10.10.10.3");
        }
    }

    /** The shared network is announced where it is. */
    private static String frr(int number) throws Exception {
        String config = RoutingMachines.file(FRR, "", number);
        return number == 1
                ? config
                : config.replaceFirst("(?m)^ *network 10\\.42\\..*", "$0\n  network " + RoutingMachines.SHARED);
    }

    /** What two machines have is reached by both; then one of them dies, and it is reached by the other. */
    private static void shareAndLose(RoutingMachines machines, String nextHops) throws Exception {
        String legs = nextHops.replace(",", "\",\"");
        machines.awaitRoutes(
                1, Pattern.compile("\"prefix\":\"10.99.0.0/24\"[^}]*\"nextHops\":\\[\"" + Pattern.quote(legs) + "\"]"));
        for (int i = 0; i < 8; i++) {
            machines.machine(1).ping("10.99.0.1", 56).ok();
        }
        machines.cut(3);
        machines.awaitNoRoute(1, "10.42.3.0/24");
        machines.awaitPing(1, "10.42.1.1", "10.42.2.1");
        machines.awaitPing(1, "fd00:42:1::1", "fd00:42:2::1");
        machines.awaitPing(1, "10.42.1.1", "10.99.0.1");
    }

    /** The commands of flannel's {@code extension} backend, run as flannel runs them. */
    @Test
    void flannelSaysWhereTheMachinesAre() throws Exception {
        try (Lab lab = Lab.create()) {
            RoutingMachines machines = new RoutingMachines(lab, folder);
            for (int from = 1; from <= RoutingMachines.COUNT; from++) {
                flannel(machines.machine(from), "PostStartupCommand", from);
                for (int to = 1; to <= RoutingMachines.COUNT; to++) {
                    if (from != to) {
                        flannel(machines.machine(from), "SubnetAddCommand", to);
                    }
                }
            }
            machines.awaitPing(1, "10.42.1.1", "10.42.2.1");
            machines.awaitPing(3, "10.42.3.0", "10.42.1.1");
            flannel(machines.machine(1), "SubnetAddCommand", 2);
            flannel(machines.machine(1), "SubnetRemoveCommand", 2);
            machines.awaitNoRoute(1, "10.42.2.0/24");
        }
    }

    private static void flannel(Namespace machine, String command, int subnet) throws Exception {
        Matcher matcher =
                Pattern.compile("\"" + command + "\": \"(.*)\"").matcher(RoutingMachines.block(FLANNEL, "json"));
        assertThat(matcher.find()).isTrue();
        machine.ok(
                "env",
                "SUBNET=10.42." + subnet + ".0/24",
                "PUBLIC_IP=172.16." + subnet + ".10",
                "sh",
                "-c",
                matcher.group(1));
    }
}
