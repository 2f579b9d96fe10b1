package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.Closeable;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.fougateway.ebpf.FouPrograms;
import net.fougateway.ebpf.Verdict;
import net.fougateway.it.HostPrograms.Engine;
import net.fougateway.linux.LinuxException;
import net.fougateway.route.Peer;

/**
 * A host with a gateway on one end of a wire, {@code eth0}, 10.77.0.1 and fd77::1; on the other a tester that answers nothing, under any
 * address. Beside the gateway may be the programs of the kernel, which know what the gateway knows.
 */
final class ProgramsLab implements Closeable {

    static final String[] LOCAL = {"10.77.0.1", "fd77::1"};
    /** First number behind those that addresses on the tester's side end with. */
    private static final int NEIGHBOURS = 12;

    private final Lab lab;
    private final Namespace host;
    private final Namespace tester;
    private final GatewayProcess gateway;
    private final HostPrograms programs;

    /** Builds it and starts the gateway, and the programs, if the engine has some. */
    ProgramsLab(Lab lab, String config, Engine engine, int ports) throws Exception {
        this.lab = lab;
        host = lab.namespace("host");
        tester = lab.namespace("tester");
        lab.link(host, "eth0", tester, "eth0");
        host.address("eth0", LOCAL[0] + "/24", LOCAL[1] + "/64");
        host.ok("ethtool", "-K", "eth0", "tx", "off");
        tester.sysctl("ipv6/conf/eth0/disable_ipv6", "1");
        tester.up("eth0");
        String mac = mac(tester);
        for (int i = 2; i < NEIGHBOURS; i++) {
            host.ok("ip", "neigh", "add", "10.77.0." + i, "lladdr", mac, "dev", "eth0");
            host.ok("ip", "neigh", "add", "fd77::" + i, "lladdr", mac, "dev", "eth0");
        }
        gateway = lab.gateway(host, config);
        programs = engine == Engine.USER_SPACE
                ? null
                : lab.own(HostPrograms.attach(host, config, engine, List.of(LOCAL), ports));
    }

    private static String mac(Namespace namespace) throws IOException {
        return namespace.ok("cat", "/sys/class/net/eth0/address").output().trim();
    }

    Namespace host() {
        return host;
    }

    Namespace tester() {
        return tester;
    }

    HostPrograms programs() {
        return programs;
    }

    /** Ethernet header of a frame from the tester to the host. */
    byte[] ethernet(boolean ipv4) throws IOException {
        String both = (mac(host) + ":" + mac(tester)).replace(":", "");
        return HexFormat.of().parseHex(both + (ipv4 ? "0800" : "86dd"));
    }

    /** What became of all packets: those carried for each peer and those dropped for each reason, whoever did it. */
    Map<String, Long> books() throws Exception {
        Map<String, Long> books = new TreeMap<>();
        gateway.assertSumsClose().series().forEach((series, value) -> {
            if (series.matches("fou_(packets|bytes|packets_dropped|dropped_bytes|packets_received)_total\\{.*")
                    && value != 0) {
                books.merge(series, value.longValue(), Long::sum);
            }
        });
        if (programs != null) {
            for (Peer peer : programs.peers()) {
                add(books, "udp_to_tun", peer.name(), programs.programs().in(peer.index()));
                add(books, "tun_to_udp", peer.name(), programs.programs().out(peer.index()));
            }
        }
        return books;
    }

    private static void add(Map<String, Long> books, String direction, String peer, FouPrograms.Count count) {
        if (count.packets() > 0) {
            String labels = "{direction=\"%s\",peer=\"%s\"}".formatted(direction, peer);
            books.merge("fou_packets_total" + labels, count.packets(), Long::sum);
            books.merge("fou_bytes_total" + labels, count.bytes(), Long::sum);
            books.merge("fou_packets_received_total{direction=\"" + direction + "\"}", count.packets(), Long::sum);
        }
    }

    /** What the programs counted; nothing without programs. */
    Map<Verdict, Long> verdicts() throws LinuxException {
        return programs == null ? Map.of() : programs.verdicts();
    }

    /** Fails unless what was taken is what was counted for peers, and what was handed on came to user space or its kernel. */
    void assertCountsAgree() throws Exception {
        long in = 0;
        long out = 0;
        for (Peer peer : programs.peers()) {
            in += programs.programs().in(peer.index()).packets();
            out += programs.programs().out(peer.index()).packets();
        }
        FouPrograms counters = programs.programs();
        assertThat(in).isEqualTo(counters.count(Verdict.IN_TAKEN).packets());
        assertThat(out).isEqualTo(counters.count(Verdict.OUT_TAKEN).packets());
        long handedOn = 0;
        for (Verdict verdict : Verdict.values()) {
            handedOn += verdict.isHandedOn() && !verdict.isIn()
                    ? counters.count(verdict).packets()
                    : 0;
        }
        long fragmented = counters.count(Verdict.OUT_TOO_BIG).packets();
        assertThat(gateway.metrics().received(Metrics.TUN_TO_UDP))
                .as("handed on outwards, where fragments count one by one")
                .isBetween(handedOn, handedOn + fragmented);
    }

    @Override
    public void close() throws IOException {
        lab.close();
    }
}
