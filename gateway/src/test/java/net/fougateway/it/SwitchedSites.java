package net.fougateway.it;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Sites on one wire, each a machine with a bridge, behind which is a host; the bridges are to be joined. */
final class SwitchedSites {

    static final int VNI = 42;
    /** VXLAN header of that network, in hexadecimal. */
    static final String HEADER = "0800000000002a00";

    private final TwoHosts.Underlay underlay;
    private final List<Namespace> machines = new ArrayList<>();
    private final List<Namespace> hosts = new ArrayList<>();

    private SwitchedSites(TwoHosts.Underlay underlay) {
        this.underlay = underlay;
    }

    /** Builds {@code count} of them, numbered from 1. */
    static SwitchedSites build(Lab lab, TwoHosts.Underlay underlay, int count) throws IOException {
        SwitchedSites sites = new SwitchedSites(underlay);
        Namespace wire = lab.namespace("wire");
        wire.bridge("br0");
        for (int site = 1; site <= count; site++) {
            sites.add(lab, wire, site);
        }
        return sites;
    }

    private void add(Lab lab, Namespace wire, int site) throws IOException {
        Namespace machine = lab.namespace("m" + site);
        Namespace host = lab.namespace("h" + site);
        lab.link(wire, "p" + site, machine, "eth0");
        wire.ok("ip", "link", "set", "p" + site, "master", "br0", "up");
        machine.address("eth0", "10.77.0.%d/24".formatted(site), "fd77::%d/64".formatted(site));
        lab.link(machine, "port0", host, "eth0");
        host.ok("ip", "link", "set", "eth0", "address", mac(site));
        host.address("eth0", inner(true, site) + "/24", inner(false, site) + "/64");
        machine.bridge("br0", "port0");
        machines.add(machine);
        hosts.add(host);
    }

    /** The machine of a site. */
    Namespace machine(int site) {
        return machines.get(site - 1);
    }

    /** The host of a site. */
    Namespace host(int site) {
        return hosts.get(site - 1);
    }

    /** Address of the host of a site. */
    static String inner(boolean ipv4, int site) {
        return ipv4 ? "10.42.0." + site : "fd00:42::" + site;
    }

    /** MAC address of the host of a site. */
    static String mac(int site) {
        return "02:00:00:00:42:0" + site;
    }

    /** MTU of the device that joins a site to the others. */
    int mtuBytes() {
        return underlay.innerMtu() - 8 - 14;
    }

    /** Largest payload of an echo request that fits. */
    int largestPing(boolean ipv4) {
        return mtuBytes() - (ipv4 ? 28 : 48);
    }

    /**
     * Joins a site by the kernel's own device. What it sends has complete checksums, as from a network card: a virtual cable leaves those
     * inside the tunnel to the other end, which sees them as payload.
     */
    void joinByKernel(int site, int... others) throws IOException {
        Namespace machine = machine(site);
        machine.ok("ethtool", "-K", "eth0", "tx", "off");
        machine.ok(
                "ip",
                "link",
                "add",
                "vx0",
                "type",
                "vxlan",
                "id",
                Integer.toString(VNI),
                "dstport",
                "4789",
                "local",
                underlay.address(site),
                "learning",
                "udp6zerocsumrx");
        for (int other : others) {
            machine.ok("bridge", "fdb", "append", "00:00:00:00:00:00", "dev", "vx0", "dst", underlay.address(other));
        }
        machine.ok("ip", "link", "set", "vx0", "master", "br0", "up");
    }

    /** Configuration that joins a site by the gateway. */
    String config(int site, int... others) {
        return config(site, "", others);
    }

    /** The same with further lines. */
    String config(int site, String more, int... others) {
        return """
                device: {name: tap0, mode: tap, bridge: br0%s
                listen: [{port: 4789, encapsulation: vxlan}]
                peers:
                %s""".formatted(
                        more.startsWith(",") ? more : "}\n" + more,
                        IntStream.of(others)
                                .mapToObj(other ->
                                        "  - {name: s%d, remote: \"%s\", encapsulation: vxlan, vni: %d, port: 4789}%n"
                                                .formatted(other, underlay.address(other), VNI))
                                .collect(Collectors.joining()));
    }
}
