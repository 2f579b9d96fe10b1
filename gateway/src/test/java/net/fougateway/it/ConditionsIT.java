package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The same day in a gateway's life, started by the launcher, on hosts that are not as those of the other tests. */
class ConditionsIT {

    private static final long TRANSFER_BYTES = 2_000_000;
    private static final int FLOWS = 32;
    private static final Duration RELOAD_LIMIT = Duration.ofSeconds(15);
    private static final Path JAVA_INSTALLATIONS = Path.of("/usr/lib/jvm");

    /** What is unlike the lab. */
    enum Condition {
        AS_IN_THE_LAB,
        IPV6_SWITCHED_OFF {
            @Override
            void prepare(Namespace host) throws Exception {
                host.sysctl("ipv6/conf/all/disable_ipv6", "1");
                host.sysctl("ipv6/conf/default/disable_ipv6", "1");
            }

            @Override
            boolean hasIpv6() {
                return false;
            }
        },
        UNDERLAY_MTU_1280 {
            @Override
            void prepare(Namespace host) throws Exception {
                host.ok("ip", "link", "set", "eth0", "mtu", "1280");
            }
        },
        UNDERLAY_MTU_9000 {
            @Override
            void prepare(Namespace host) throws Exception {
                host.ok("ip", "link", "set", "eth0", "mtu", "9000");
            }
        },
        WORKERS_64 {
            @Override
            String settings() {
                return "workers: 64\n";
            }
        },
        TMP_NOEXEC {
            @Override
            List<String> wrapper() {
                return List.of(
                        "unshare",
                        "-m",
                        "sh",
                        "-c",
                        "mount --bind /tmp /tmp && mount -o remount,bind,noexec /tmp && exec \"$@\"",
                        "sh");
            }
        },
        NOT_ROOT {
            @Override
            List<String> wrapper() {
                return List.of("unshare", "-m", "sh", "-c", """
                    mount -t tmpfs tmpfs /dev/net && mknod -m 666 /dev/net/tun c 10 200 &&
                    exec setpriv --reuid=65532 --regid=65532 --clear-groups --inh-caps=-all,+net_admin,+net_raw \\
                        --ambient-caps=-all,+net_admin,+net_raw --bounding-set=-all,+net_admin,+net_raw "$@"
                    """, "sh");
            }
        },
        OTHER_DIGITS {
            @Override
            List<String> wrapper() {
                return List.of("env", "LC_ALL=C", "FOU_JAVA_OPTS=-Duser.language=ar -Duser.extensions=u-nu-arab");
            }
        };

        void prepare(Namespace host) throws Exception {}

        boolean hasIpv6() {
            return true;
        }

        String settings() {
            return "";
        }

        List<String> wrapper() {
            return List.of();
        }
    }

    private static Checkout checkout;

    @BeforeAll
    static void build() throws Exception {
        checkout = Checkout.copy("fou-gateway");
    }

    @AfterAll
    static void remove() throws Exception {
        if (checkout != null) {
            checkout.close();
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AS_IN_THE_LAB")
    void carriesReloadsAndLeavesNothing(Condition condition) throws Exception {
        Requires.program("setpriv", "util-linux");
        liveADay(condition, Path.of(System.getProperty("java.home")));
    }

    /** Those of the JDKs that the product supports which this machine has beside the one that runs this test. */
    static List<Path> otherJdks() throws IOException {
        List<Path> jdks = new ArrayList<>();
        for (int version : List.of(17, 25)) {
            if (version != Runtime.version().feature()) {
                Optional<Path> jdk = jdk(version);
                jdk.ifPresent(jdks::add);
                if (jdk.isEmpty()) {
                    System.out.println("LEFT OUT: no JDK " + version + " in " + JAVA_INSTALLATIONS);
                }
            }
        }
        return jdks.isEmpty() ? List.of(Path.of(System.getProperty("java.home"))) : jdks;
    }

    private static Optional<Path> jdk(int version) throws IOException {
        if (!Files.isDirectory(JAVA_INSTALLATIONS)) {
            return Optional.empty();
        }
        try (Stream<Path> jdks = Files.list(JAVA_INSTALLATIONS)) {
            return jdks.sorted()
                    .filter(jdk -> Files.isExecutable(jdk.resolve("bin/java")))
                    .filter(jdk -> isVersion(jdk.resolve("release"), version))
                    .findFirst();
        }
    }

    private static boolean isVersion(Path release, int version) {
        try {
            return Files.readString(release).contains("JAVA_VERSION=\"" + version);
        } catch (IOException e) {
            return false;
        }
    }

    @ParameterizedTest
    @MethodSource("otherJdks")
    void otherJdkCarriesReloadsAndLeavesNothing(Path jdk) throws Exception {
        liveADay(Condition.AS_IN_THE_LAB, jdk);
    }

    private static void liveADay(Condition condition, Path jdk) throws Exception {
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            condition.prepare(hosts.a());
            condition.prepare(hosts.b());
            GatewayProcess a = start(lab, condition, jdk, hosts.a(), 1);
            GatewayProcess b = start(lab, condition, jdk, hosts.b(), 2);
            lab.server(hosts.b(), TwoHosts.SERVICE);
            carry(hosts, TwoHosts.INNER4);
            if (condition.hasIpv6()) {
                carry(hosts, TwoHosts.INNER6);
            }
            a.reconfigure(config(condition, 1).replace("ttl: 64", "ttl: 9"), true);
            await().atMost(RELOAD_LIMIT)
                    .until(() -> a.metrics().sum("fou_config_reloads_total", "result=\"success\"") == 1);
            carry(hosts, TwoHosts.INNER4);
            a.assertSumsClose();
            b.assertSumsClose();
            leavesNothing(a, hosts.a());
            leavesNothing(b, hosts.b());
        }
    }

    private static GatewayProcess start(Lab lab, Condition condition, Path jdk, Namespace host, int number)
            throws Exception {
        List<String> command = new ArrayList<>(condition.wrapper());
        command.addAll(List.of("env", "JAVA_HOME=" + jdk, checkout.launcher()));
        return lab.own(GatewayProcess.launch(host, command, config(condition, number)))
                .awaitReady();
    }

    private static String config(Condition condition, int host) {
        int other = 3 - host;
        String address = condition.hasIpv6() ? ", \"fd00:10::%d/64\"".formatted(host) : "";
        String prefix = condition.hasIpv6() ? ", \"fd00:10::%d/128\"".formatted(other) : "";
        return condition.settings() + """
                device: {address: [10.10.10.%d/24%s]}
                peers: [{name: other, remote: 10.77.0.%d, ttl: 64, allowed_ips: [10.10.10.%d/32%s]}]
                """.formatted(host, address, other, other, prefix);
    }

    private static void carry(TwoHosts hosts, String network) throws Exception {
        hosts.a().ping(network + 2, 56, 1200).ok();
        hosts.a().call(() -> new TrafficClient(network + 2, TwoHosts.SERVICE).transfer(TRANSFER_BYTES));
        int lost = hosts.a().call(() -> new TrafficClient(network + 2, TwoHosts.SERVICE).flows(FLOWS));
        assertThat(lost).as("UDP flows without an echo").isZero();
    }

    private static void leavesNothing(GatewayProcess gateway, Namespace host) throws Exception {
        gateway.terminate();
        assertThat(host.ok("ip", "link").output()).doesNotContain("fou0");
        assertThat(host.ok("ip", "route", "show", "table", "all").output()).doesNotContain("fou0", "10.10.10.");
        assertThat(host.ok("ip", "-6", "route", "show", "table", "all").output())
                .doesNotContain("fou0", "fd00:10:");
        assertThat(gateway.log()).doesNotContain("while stopping").doesNotContainPattern("[\\p{Nd}&&[^0-9]]");
    }
}
