package net.fougateway.otherend;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import net.fougateway.config.ConfigLoader;
import net.fougateway.config.GatewayConfig;
import net.fougateway.plan.FakeHost;
import net.fougateway.plan.Peering;
import net.fougateway.plan.Plan;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelTextTest {

    private static final String HOSTS = "10.10.10.2/32, \"fd00:10::2/128\"";

    @TempDir
    private Path directory;

    private KernelSetup setup(String yaml, String ours, int pathMtuBytes) throws Exception {
        Path file = Files.writeString(directory.resolve("gateway.yaml"), yaml);
        GatewayConfig config = ConfigLoader.load(file, Map.of(), Map.of());
        Optional<InetAddress> gateway = Optional.ofNullable(ours).map(NetUtil::createInetAddressFromIpAddressString);
        return KernelSetup.of(
                config, Plan.of(config, new FakeHost(pathMtuBytes)).peers().get(0), gateway);
    }

    /** A peer at 192.0.2.2, the gateway at 192.0.2.1; a port for FOU and one for GUE. */
    private KernelSetup overIpv4(String allowed, String peerKeys) throws Exception {
        return setup(yaml("192.0.2.2", allowed, peerKeys), "192.0.2.1", 1500);
    }

    /** A peer at 2001:db8::2, the gateway at 2001:db8::1; a port for FOU and one for GUE. */
    private KernelSetup overIpv6(String allowed, String peerKeys) throws Exception {
        return setup(yaml("2001:db8::2", allowed, peerKeys), "2001:db8::1", 1500);
    }

    private static String yaml(String remote, String allowed, String peerKeys) {
        return """
            device: {address: [10.10.10.1/24, "fd00:10::1/64"]}
            listen: [{port: 5555}, {port: 6080, encapsulation: gue}]
            peers: [{name: k2, remote: "%s", allowed_ips: [%s]%s}]
            """.formatted(remote, allowed, peerKeys);
    }

    @Test
    void ipv4Alone() throws Exception {
        assertThat(IpFormat.print(overIpv4("10.10.10.2/32, 10.42.2.0/24", ""))).isEqualTo("""
            # Peer k2: on the kernel at 192.0.2.2
            modprobe -a fou ipip
            ip fou add port 5555 ipproto 4
            ip link add fou-ipip type ipip local 192.0.2.2 remote 192.0.2.1 ttl 64 tos inherit \
            encap fou encap-sport auto encap-dport 5555 encap-csum
            ip link set fou-ipip mtu 1472 up
            ip addr add 10.10.10.2/24 dev fou-ipip
            # For each network behind the gateway: ip route add NETWORK dev fou-ipip
            # To forward to 10.42.2.0/24: sysctl -w net.ipv4.ip_forward=1
            """);
    }

    @Test
    void bothFamiliesOnTwoPorts() throws Exception {
        assertThat(IpFormat.print(overIpv4(HOSTS, ", port: {4: 5555, 41: 5556}")))
                .isEqualTo("""
            # Peer k2: on the kernel at 192.0.2.2
            modprobe -a fou ipip sit
            ip fou add port 5555 ipproto 4
            ip fou add port 5556 ipproto 41
            ip link add fou-ipip type ipip local 192.0.2.2 remote 192.0.2.1 ttl 64 tos inherit \
            encap fou encap-sport auto encap-dport 5555 encap-csum
            ip link set fou-ipip mtu 1472 up
            ip addr add 10.10.10.2/24 dev fou-ipip
            # For each network behind the gateway: ip route add NETWORK dev fou-ipip
            ip link add fou-sit type sit local 192.0.2.2 remote 192.0.2.1 ttl 64 tos inherit \
            encap fou encap-sport auto encap-dport 5555 encap-csum
            ip link set fou-sit mtu 1472 up
            ip addr add fd00:10::2/64 dev fou-sit
            # For each network behind the gateway: ip route add NETWORK dev fou-sit
            """);
    }

    @Test
    void bothFamiliesOnOnePortNeedGue() throws Exception {
        assertThat(IpFormat.print(overIpv6(HOSTS, ", checksum: false, ttl: inherit")))
                .isEqualTo("""
            # Peer k2: on the kernel at 2001:db8::2
            # A FOU port of the kernel has one ipproto, and port 5555 gets IPv4 and IPv6: it is opened for GUE, \
            which takes bare packets of both as its variant 1. With port: {4: 5555, 41: 5556} here, it can be two FOU ports.
            modprobe -a fou fou6 ip6_tunnel
            ip fou add -6 port 5555 gue
            ip link add fou-ip6tnl type ip6tnl mode any local 2001:db8::2 remote 2001:db8::1 \
            hoplimit inherit tclass inherit encaplimit none \
            encap fou encap-sport auto encap-dport 5555 noencap-udp6-csum
            ip link set fou-ip6tnl mtu 1452 up
            ip addr add 10.10.10.2/24 dev fou-ip6tnl
            ip addr add fd00:10::2/64 dev fou-ip6tnl
            # For each network behind the gateway: ip route add NETWORK dev fou-ip6tnl
            """);
    }

    @Test
    void everyOptionOfGreInGue() throws Exception {
        String peerKeys = ", encapsulation: gue, protocol: gre, port: 6080, remote_checksum: true, tos: 75,"
                + " gre: {key: 4294967295, checksum: true, sequence: true}";
        assertThat(IpFormat.print(overIpv6("fd00:10::2/128", peerKeys))).isEqualTo("""
            # Peer k2: on the kernel at 2001:db8::2
            modprobe -a fou fou6 ip6_gre
            ip fou add -6 port 6080 gue
            ip link add fou-ip6gre type ip6gre local 2001:db8::2 remote 2001:db8::1 \
            ikey 4294967295 okey 4294967295 icsum ocsum iseq oseq \
            hoplimit 64 tclass 0x48 encaplimit none \
            encap gue encap-sport auto encap-dport 6080 encap-udp6-csum encap-remcsum
            ip link set fou-ip6gre mtu 1424 up
            ip addr add fd00:10::2/64 dev fou-ip6gre
            ip route add 10.10.10.0/24 dev fou-ip6gre
            # For each network behind the gateway: ip route add NETWORK dev fou-ip6gre
            """);
    }

    @Test
    void withoutAnAddressOfItsOwnTheKernelGetsARoute() throws Exception {
        assertThat(IpFormat.print(overIpv4("10.42.2.0/24, 10.43.0.0/16", ""))).endsWith("""
            ip link set fou-ipip mtu 1472 up
            ip route add 10.10.10.0/24 dev fou-ipip
            # The gateway accepts inner sources in 10.42.2.0/24, 10.43.0.0/16 only.
            # For each network behind the gateway: ip route add NETWORK dev fou-ipip
            # To forward to 10.42.2.0/24: sysctl -w net.ipv4.ip_forward=1
            # To forward to 10.43.0.0/16: sysctl -w net.ipv4.ip_forward=1
            """);
    }

    @Test
    void whatTheKernelCannotDoIsSaid() throws Exception {
        String sit = IpFormat.print(overIpv4("fd00:10::2/128", ", pmtu_discovery: false"));
        assertThat(sit).contains("# In ipip and sit a fixed TTL sets DF", " ttl inherit tos inherit nopmtudisc ");
        String gre = IpFormat.print(overIpv4("fd00:10::2/128", ", pmtu_discovery: false, protocol: gre"));
        assertThat(gre).contains(" ttl 64 tos inherit nopmtudisc ").doesNotContain("DF");
        assertThat(IpFormat.print(overIpv6("fd00:10::2/128", ", pmtu_discovery: false")))
                .contains("# Over IPv6 ")
                .doesNotContain("nopmtudisc");
        KernelSetup narrow = setup(yaml("192.0.2.2", HOSTS, ", port: {4: 1, 41: 2}"), "192.0.2.1", 1300);
        assertThat(IpFormat.print(narrow))
                .contains("# IPv6 needs an MTU of 1280, ", "fou-sit mtu 1280 ", "fou-ipip mtu 1272 ");
    }

    @Test
    void eachOfManySitesPutsItsOwnAddressIn() throws Exception {
        String yaml = """
            peers: [{name: sites, type: 6rd, local: 192.0.2.1, allowed_ips: ["2001:db8::/32"],
                     6rd: {prefix: "2001:db8::/32", relay_prefix: 10.0.0.0/8}}]
            """;
        assertThat(IpFormat.print(setup(yaml, "192.0.2.1", 1500))).isEqualTo("""
            # Peer sites: on the kernel at SITE_ADDRESS
            # SITE_ADDRESS is the site's own outer IPv4 address; the inner address that has it inside belongs on fou-sit.
            modprobe -a fou sit
            ip fou add port 5555 ipproto 41
            ip link add fou-sit type sit local SITE_ADDRESS ttl 64 tos inherit \
            encap fou encap-sport auto encap-dport 5555 encap-csum
            ip tunnel 6rd dev fou-sit 6rd-prefix 2001:db8::/32 6rd-relay_prefix 10.0.0.0/8
            ip link set fou-sit mtu 1472 up
            ip route add 2001:db8::/32 dev fou-sit
            # The gateway accepts inner sources in 2001:db8::/32 only.
            """);
        String isatap = "peers: [{name: i, type: isatap, local: 192.0.2.1, allowed_ips: [\"fd00::/64\"]}]";
        assertThat(IpFormat.print(setup(isatap, "192.0.2.1", 1500)))
                .contains(" local SITE_ADDRESS isatap ttl ")
                .doesNotContain("6rd");
        assertThat(NetworkdFormat.print(setup(isatap, "192.0.2.1", 1500))).contains("take --format ip");
    }

    @Test
    void routesLeadToEachOfManyMachines() throws Exception {
        assertThat(IpFormat.print(member(""))).isEqualTo("""
            # Peer fleet: on the kernel at MACHINE_ADDRESS
            # MACHINE_ADDRESS is the machine's own outer address, in 172.16.0.0/12; the gateway accepts from it what \
            routes of the gateway's host lead to it for.
            modprobe -a fou ipip sit
            ip fou add port 5555 ipproto 4
            ip fou add port 5556 ipproto 41
            ip link add fou-ipip type ipip local MACHINE_ADDRESS ttl 64 tos inherit \
            encap fou encap-sport auto encap-dport 5555 encap-csum
            ip link set fou-ipip mtu 1472 up
            ip route add 10.10.10.1/32 via 172.16.1.10 dev fou-ipip onlink
            # For each IPv4 network behind another machine: ip route add NETWORK via ITS_ADDRESS dev fou-ipip onlink
            ip link add fou-sit type sit local MACHINE_ADDRESS ttl 64 tos inherit \
            encap fou encap-sport auto encap-dport 5555 encap-csum
            ip link set fou-sit mtu 1472 up
            ip route add fd00:10::1/128 via ::172.16.1.10 dev fou-sit onlink
            # For each IPv6 network behind another machine: ip route add NETWORK via ::ITS_ADDRESS dev fou-sit onlink
            """);
        assertThat(IpFormat.print(member(", protocol: gre")))
                .contains(" type gre local MACHINE_ADDRESS ttl 64 ")
                .contains("10.10.10.1/32 via 172.16.1.10 dev fou-gre onlink")
                .contains("fd00:10::1/128 via ::172.16.1.10 dev fou-gre onlink");
        assertThat(NetworkdFormat.print(member("")))
                .contains("Kind=ipip", "Kind=sit", "Local=MACHINE_ADDRESS\nRemote=any\n")
                .contains("Destination=10.10.10.1/32\nGateway=172.16.1.10\nGatewayOnLink=yes\n")
                .contains("Destination=fd00:10::1/128\nGateway=::172.16.1.10\nGatewayOnLink=yes\n")
                .contains("# For each IPv6 network behind another machine, one more section [Route] with its"
                        + " Destination=, Gateway=::ITS_ADDRESS and GatewayOnLink=yes.");
    }

    private KernelSetup member(String peerKeys) throws Exception {
        String yaml = """
            device: {address: [10.10.10.1/24, "fd00:10::1/64"]}
            routes: {from_kernel: main}
            peers: [{name: fleet, type: next_hop, remote: [172.16.0.0/12], port: {4: 5555, 41: 5556}%s}]
            """.formatted(peerKeys);
        GatewayConfig config =
                ConfigLoader.load(Files.writeString(directory.resolve("gateway.yaml"), yaml), Map.of(), Map.of());
        GatewayConfig.Peer template = config.templates().get(0);
        InetAddress machine = template.ranges().get(0).address();
        return KernelSetup.ofMember(
                config,
                Peering.member(config, new FakeHost(1500), template, template.name(), machine),
                Optional.of(NetUtil.createInetAddressFromIpAddressString("172.16.1.10")),
                template.ranges());
    }

    @Test
    void unknownOuterAddressIsAPlaceholder() throws Exception {
        assertThat(IpFormat.print(setup(yaml("192.0.2.2", HOSTS, ""), null, 1500)))
                .contains("# There is no route to it", " remote OUR_ADDRESS ");
    }

    @Test
    void kernelSendsToThePortThatListens() throws Exception {
        String gueOnly =
                "listen: [{port: 7000, encapsulation: gue}]\npeers: [{name: a, remote: 192.0.2.2, allowed_ips: [0.0.0.0/0]%s}]";
        assertThat(IpFormat.print(setup(gueOnly.formatted(""), "192.0.2.1", 1500)))
                .contains("encap fou encap-sport auto encap-dport 7000 ");
        assertThat(IpFormat.print(setup(gueOnly.formatted(", protocol: gre"), "192.0.2.1", 1500)))
                .contains("# No entry of listen takes GRE as FOU, so the kernel sends GUE: add {port: 5555} to listen")
                .contains("ip fou add port 5555 ipproto 47", "encap gue encap-sport auto encap-dport 7000 ");

        String fouOnly =
                "listen: [{port: 7000, ipproto: 4}]\npeers: [{name: a, remote: 192.0.2.2, encapsulation: gue, allowed_ips: [%s]}]";
        assertThat(IpFormat.print(setup(fouOnly.formatted("0.0.0.0/0"), "192.0.2.1", 1500)))
                .contains(
                        "so the kernel sends FOU: add {port: 6080, encapsulation: gue}",
                        "encap fou encap-sport auto encap-dport 7000 ");
        assertThat(IpFormat.print(setup(fouOnly.formatted("\"::/0\""), "192.0.2.1", 1500)))
                .contains("# No entry of listen takes IPv6 from the kernel", "ip fou add port 5555 gue")
                .doesNotContain("ip link add");
    }

    @Test
    void networkdFiles() throws Exception {
        String peerKeys = ", encapsulation: gue, protocol: gre, port: 6080, gre: {key: 42, sequence: true}";
        assertThat(NetworkdFormat.print(overIpv4("10.10.10.2/32, \"fd00:1::/64\"", peerKeys)))
                .isEqualTo("""
            # Peer k2: on the kernel at 192.0.2.2
            # networkd cannot turn UDP checksums on (encap-csum), without which neither end can join packets: it works, only slower.
            # /etc/modules-load.d/fou.conf
            fou

            # Kernels refuse what networkd asks for a GUE port, so a service opens it: systemctl enable --now fou-6080
            # /etc/systemd/system/fou-6080.service
            [Unit]
            After=systemd-modules-load.service

            [Service]
            Type=oneshot
            RemainAfterExit=yes
            ExecStart=ip fou add port 6080 gue
            ExecStop=ip fou del port 6080 gue

            [Install]
            WantedBy=multi-user.target

            # /etc/systemd/network/30-fou-gre.netdev
            [NetDev]
            Name=fou-gre
            Kind=gre
            MTUBytes=1456

            [Tunnel]
            Independent=yes
            Local=192.0.2.2
            Remote=192.0.2.1
            TTL=64
            TOS=1
            Key=42
            SerializeTunneledPackets=yes
            FooOverUDP=yes
            Encapsulation=GenericUDPEncapsulation
            FOUDestinationPort=6080

            # /etc/systemd/network/30-fou-gre.network
            [Match]
            Name=fou-gre

            [Network]
            Address=10.10.10.2/24

            [Route]
            Destination=fd00:10::/64

            # For each network behind the gateway, one more section [Route] with its Destination=.
            """);
    }

    @Test
    void whatNetworkdCannotDoIsSaid() throws Exception {
        assertThat(NetworkdFormat.print(overIpv6(HOSTS, "")))
                .contains("IPv4 only")
                .doesNotContain("[");
        assertThat(NetworkdFormat.print(overIpv4(HOSTS, ", protocol: gre, gre: {checksum: true}")))
                .contains("no GRE checksums")
                .doesNotContain("[");
        assertThat(NetworkdFormat.print(overIpv4("10.10.10.2/32", ", pmtu_discovery: false, ttl: inherit")))
                .contains("sends DSCP 0", "TTL=0\nDiscoverPathMTU=no\nFooOverUDP=yes\nFOUDestinationPort=5555\n")
                .contains("Port=5555\nProtocol=4\n");
    }
}
