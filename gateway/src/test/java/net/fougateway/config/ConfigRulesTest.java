package net.fougateway.config;

import static net.fougateway.config.Configs.errors;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each rule between settings, broken and kept. */
class ConfigRulesTest {

    @Test
    void prefixOfTwoPeersNamesBoth() {
        assertThat(errors(peers("name: a, allowed_ips: [10.1.0.0/16]", "name: b, allowed_ips: [10.1.0.0/16]")))
                .containsExactly("gateway.yaml:3: peers[1].allowed_ips[0]: 10.1.0.0/16 of peer \"b\" already belongs to"
                        + " peer \"a\" (peers[0].allowed_ips[0])");
    }

    @Test
    void prefixesAreComparedWithoutHostBits() {
        assertThat(errors(peers("name: a, allowed_ips: [10.1.0.0/16]", "name: b, allowed_ips: [10.1.2.3/16]")))
                .containsExactly(
                        "gateway.yaml:3: peers[1].allowed_ips[0]: 10.1.2.3/16 has host bits set: write 10.1.0.0/16",
                        "gateway.yaml:3: peers[1].allowed_ips[0]: 10.1.0.0/16 of peer \"b\" already belongs to peer \"a\""
                                + " (peers[0].allowed_ips[0])");
    }

    @Test
    void nestedPrefixesAreAllowed() {
        assertThat(errors(
                        peers("name: a, allowed_ips: [10.1.0.0/16]", "name: b, allowed_ips: [10.1.0.0/24, 0.0.0.0/0]")))
                .isEmpty();
    }

    @Test
    void hostBitsOfIpv6AreRefused() {
        assertThat(errors(peers("name: a, allowed_ips: [\"fd00:42::1/64\"]")))
                .containsExactly(
                        "gateway.yaml:2: peers[0].allowed_ips[0]: fd00:42::1/64 has host bits set: write fd00:42::/64");
    }

    @Test
    void peerNamesDiffer() {
        assertThat(errors(peers("name: a, allowed_ips: [10.1.0.0/16]", "name: a, allowed_ips: [10.2.0.0/16]")))
                .containsExactly(
                        "gateway.yaml:3: peers[1].name: \"a\" is already the name of peers[0]: give it another");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[{}, {local: '0.0.0.0'}]                     | IPv4 port 5555",
                "[{local: '::'}, {local: '::1'}]              | IPv6 port 5555",
                "[{port: 1, local: '::'}, {port: 1, ipproto: 4}] | IPv6 port 1",
            })
    void listenPortsOfAFamilyDiffer(String listen, String what) {
        assertThat(errors("listen: " + listen))
                .containsExactly("gateway.yaml:1: listen[1]: " + what
                        + " is already taken by listen[0]: choose another port, local or device");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[{local: '0.0.0.0'}, {local: '::'}]", "[{}, {port: 5556}]"})
    void listenPortsThatDifferAreAllowed(String listen) {
        assertThat(errors("listen: " + listen)).isEmpty();
    }

    @Test
    void unreadableListenIsNotADuplicate() {
        assertThat(errors("listen: [{}, {port: 0}]")).hasSize(1);
    }

    @Test
    void ipv6NeedsAnMtuOf1280() {
        assertThat(errors("device: {mtu: 1279}\n" + peers("name: a, allowed_ips: [10.0.0.0/8, \"fd00::/64\"]")))
                .containsExactly(
                        "gateway.yaml:1: device.mtu: 1279 is less than 1280, the smallest MTU that IPv6 works with"
                                + " (RFC 8200), and peers[0].allowed_ips[1] is IPv6: raise the one or leave out the other");
        assertThat(errors("device: {mtu: 1279, address: [\"fd00::1/64\"]}"))
                .singleElement()
                .asString()
                .contains("and device.address[0] is IPv6");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{mtu: 1280, address: ['fd00::1/64']}",
                "{address: ['fd00::1/64']}",
                "{mtu: 68, address: [10.0.0.1/8]}"
            })
    void mtuThatFitsIsAllowed(String device) {
        assertThat(errors("device: " + device)).isEmpty();
    }

    @Test
    void poolFitsTheRange() {
        assertThat(errors("source_ports: {range: 40000-40009, sockets: 11}"))
                .containsExactly(
                        "gateway.yaml:1: source_ports.sockets: 11 sockets do not fit the 10 ports of the range: widen source_ports.range or have fewer");
        assertThat(errors("source_ports: {range: 40000-40009, sockets: 10}")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"224.0.0.1", "ff02::1", "0.0.0.0", "::"})
    void remoteIsTheAddressOfOneMachine(String remote) {
        assertThat(errors(peers("name: a, remote: \"" + remote + "\", allowed_ips: [10.0.0.0/8]")))
                .containsExactly("gateway.yaml:2: peers[0].remote: " + remote
                        + " is not the address of one machine: write one that is");
    }

    @Test
    void localIsTheAddressOfOneMachine() {
        assertThat(errors(peers("name: a, local: 224.0.0.1, allowed_ips: [10.0.0.0/8]")))
                .containsExactly(
                        "gateway.yaml:2: peers[0].local: 224.0.0.1 is not the address of one machine: write one that is");
    }

    @Test
    void localHasTheFamilyOfTheRemote() {
        assertThat(errors(peers("name: a, local: \"2001:db8::1\", allowed_ips: [10.0.0.0/8]")))
                .containsExactly(
                        "gateway.yaml:2: peers[0].local: 2001:db8::1 is IPv6, but remote 192.0.2.1 is IPv4: both must be of one family");
        assertThat(errors(peers("name: a, remote: gw, local: \"2001:db8::1\", allowed_ips: [10.0.0.0/8]")))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "[{local: '::'}]"})
    void somethingListensInTheFamilyOfTheRemote(String listen) {
        assertThat(errors("listen: " + listen + "\n" + peers("name: a, allowed_ips: [10.0.0.0/8]")))
                .containsExactly("gateway.yaml:3: peers[0].remote: no entry of listen receives IPv4,"
                        + " so nothing from 192.0.2.1 can arrive: add an entry, or leave local out");
    }

    @Test
    void remoteIsNotTheDevice() {
        assertThat(errors("device: {address: [192.0.2.1/24]}\n" + peers("name: a, allowed_ips: [10.0.0.0/8]")))
                .containsExactly("gateway.yaml:3: peers[0].remote: 192.0.2.1 is the address of the device itself"
                        + " (device.address[0]): write the peer's address outside the tunnel");
    }

    @Test
    void remoteInsideAllowedIpsIsAllowed() {
        assertThat(errors(peers("name: a, allowed_ips: [0.0.0.0/0]"))).isEmpty();
    }

    @Test
    void peersThatSendFromOneListenPortAgree() {
        String strict = "name: a, source_port: 5555, allowed_ips: [10.1.0.0/16]";
        String message = " and \"a\" send from listen port 5555 and must agree on checksum and pmtu_discovery";

        assertThat(errors(peers(
                        strict,
                        "name: b, source_port: 5555, checksum: false, allowed_ips: [10.2.0.0/16]",
                        "name: c, remote: gw, source_port: 5555, pmtu_discovery: false, allowed_ips: [10.3.0.0/16]")))
                .containsExactly(
                        "gateway.yaml:3: peers[1].source_port: peers \"b\"" + message,
                        "gateway.yaml:4: peers[2].source_port: peers \"c\"" + message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "name: b, source_port: 5555, allowed_ips: [10.2.0.0/16]",
                "name: b, source_port: 5556, checksum: false, allowed_ips: [10.2.0.0/16]",
                "name: b, checksum: false, allowed_ips: [10.2.0.0/16]",
                "name: b, remote: '2001:db8::1', source_port: 5555, checksum: false, allowed_ips: [10.2.0.0/16]",
            })
    void peersThatDoNotShareASocketNeedNotAgree(String other) {
        assertThat(errors(peers("name: a, source_port: 5555, allowed_ips: [10.1.0.0/16]", other)))
                .isEmpty();
    }

    /** A peer for each text, one on a line; {@code remote} is 192.0.2.1 unless given. */
    private static String peers(String... peers) {
        StringBuilder yaml = new StringBuilder("peers:\n");
        for (String peer : peers) {
            yaml.append("- {").append(peer).append(peer.contains("remote:") ? "}\n" : ", remote: 192.0.2.1}\n");
        }
        return yaml.toString();
    }

    @Test
    void aGuePortTakesAnyProtocol() {
        assertThat(errors("listen: [{encapsulation: gue, ipproto: 47}]"))
                .containsExactly(
                        "gateway.yaml:1: listen[0].ipproto: a GUE port takes any protocol: leave ipproto out, or encapsulation: gue");
        assertThat(errors("listen: [{encapsulation: gue}]")).isEmpty();
    }

    @Test
    void keyThatWasReplacedNamesItsSuccessor() {
        assertThat(errors("listen: [{port: 5555, gue: true}]"))
                .containsExactly("gateway.yaml:1: listen[0]: unknown key \"gue\", \"encapsulation\" took its place");
    }

    @Test
    void remoteChecksumNeedsGue() {
        String peer = "name: a, remote: 192.0.2.1, remote_checksum: true, allowed_ips: [10.0.0.0/8]";
        assertThat(errors("peers: [{" + peer + "}]"))
                .containsExactly(
                        "gateway.yaml:1: peers[0].remote_checksum: only a GUE header can say so: set encapsulation: gue");
        assertThat(errors("peers: [{" + peer + ", encapsulation: gue}]")).isEmpty();
    }

    @Test
    void numberedPacketsNeedOneWorker() {
        String peers = "peers: [{name: a, remote: 192.0.2.1, gre: {sequence: true}, allowed_ips: [10.0.0.0/8]}]";
        assertThat(errors("workers: 2\n" + peers))
                .containsExactly("gateway.yaml:2: peers[0].gre.sequence: numbered packets must leave in order, which"
                        + " 2 workers cannot promise: set workers to 1 or auto");
        assertThat(errors("workers: 1\n" + peers)).isEmpty();
        assertThat(errors(peers)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "from_kernel: main | type: next_hop | type: next_hop needs remote, the prefixes",
                "from_kernel: main | remote: router.example | members have no host names",
                "from_kernel: main | remote: [10.0.0.0/8, 172.16.1.0/12] | 172.16.1.0/12 has host bits set: write 172.16.0.0/12",
                "from_kernel: main | remote: 10.0.0.0/8, allowed_ips: [10.42.0.0/16] | leave it out",
                "from_kernel: main | local: 192.0.2.1, remote: [10.0.0.0/8, \"fd00::/8\"] | fd00::/8 is not of the family of local",
                "from_kernel: off | remote: 10.0.0.0/8 | set routes.from_kernel: main",
                "from_kernel: 0 | remote: 10.0.0.0/8 | must be off, main or the number of a table",
            })
    void membersAreFoundInRoutes(String routes, String peer, String problem) {
        String type = peer.contains("type:") ? "" : ", type: next_hop";
        assertThat(errors("routes: {" + routes + "}\npeers: [{name: a, " + peer + type + "}]"))
                .anySatisfy(error -> assertThat(error).contains(problem));
    }

    @Test
    void aPeerNeedsPrefixesUnlessRoutesNameThem() {
        assertThat(errors("peers: [{name: a, remote: 192.0.2.1}]"))
                .containsExactly("gateway.yaml:1: peers[0]: the key \"allowed_ips\" is missing, or has no prefix");
        assertThat(
                        errors(
                                "routes: {from_kernel: 100}\npeers: [{name: a, type: next_hop, remote: [10.0.0.0/8, \"fd00::/8\", 192.0.2.7]}]"))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "name: a | the key \"remote\" is missing",
                "name: a, remote: [192.0.2.1, 192.0.2.2] | type: fixed is one machine: write one",
                "name: a, remote: 192.0.2.0/24 | type: fixed is one machine: write its address",
                "name: a, type: 6to4, local: 192.0.2.1, remote: 192.0.2.2 | leave it out",
                "name: a, type: isatap | type: isatap needs local, our own IPv4 address in the underlay",
                "name: a, type: 6to4, local: \"2001:db8::1\" | needs local",
                "name: a, type: 6rd, local: 192.0.2.1 | type: 6rd needs prefix",
                "name: a, type: 6rd, local: 192.0.2.1, 6rd: {prefix: 10.0.0.0/8} | type: 6rd needs prefix",
                "name: a, type: 6rd, local: 192.0.2.1, 6rd: {prefix: \"2001:db8::/33\"} | within the first 64 bits",
                "name: a, type: 6rd, local: 192.0.2.1, 6rd: {prefix: \"2001:db8::/32\", relay_prefix: \"::/0\"} | must be an IPv4 prefix",
            })
    void aPeerHasWhatItsTypeNeeds(String peer, String problem) {
        assertThat(errors("peers: [{" + peer + ", allowed_ips: [\"2002::/16\"]}]"))
                .singleElement()
                .asString()
                .startsWith("gateway.yaml:1: peers[0]")
                .contains(problem);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "type: 6to4",
                "type: isatap",
                "type: 6rd, 6rd: {prefix: '2001:db8::/32'}",
                "type: 6rd, 6rd: {prefix: '2001:db8::/56', relay_prefix: 10.0.0.0/24}"
            })
    void automaticPeersNeedNoRemote(String type) {
        assertThat(errors("peers: [{name: a, local: 192.0.2.1, allowed_ips: ['2002::/16'], " + type + "}]"))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"255.255.255.255", "224.0.0.1", "239.255.255.255", "0.0.0.0", "ff02::1", "::"})
    void remoteThatIsNoHostIsRefused(String remote) {
        assertThat(errors("peers: [{name: a, remote: \"%s\", allowed_ips: [10.1.0.0/16]}]".formatted(remote)))
                .singleElement()
                .asString()
                .contains("peers[0].remote: " + remote + " is not the address of one machine");
    }

    @ParameterizedTest
    @ValueSource(strings = {"224.0.0.1", "255.255.255.255", "ff02::1"})
    void listenAddressThatIsNoHostIsRefused(String local) {
        assertThat(errors("listen: [{local: \"%s\"}]".formatted(local)))
                .singleElement()
                .asString()
                .contains("listen[0].local: " + local + " is not the address of one machine");
    }

    @ParameterizedTest
    @CsvSource({
        "224.0.0.1/24, is not the address of one machine",
        "ff02::1/64, is not the address of one machine",
        "10.9.9.0/24, first address of its network",
        "10.9.9.255/24, last address of its network",
    })
    void deviceAddressThatIsNoHostIsRefused(String address, String why) {
        assertThat(errors("device: {address: [\"%s\"]}".formatted(address)))
                .singleElement()
                .asString()
                .startsWith("gateway.yaml:1: device.address[0]: ")
                .contains(why);
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.9.9.0/31", "10.9.9.1/31", "10.9.9.0/32", "10.9.9.254/24", "fd00::/64", "10.9.0.255/16"})
    void deviceAddressThatIsAHostIsTaken(String address) {
        assertThat(errors("device: {address: [\"%s\"]}".formatted(address))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "remote: 'fe80::2'                     | peers[0].remote",
                "remote: 'FE80:0::2'                   | peers[0].remote",
                "remote: 'febf::2'                     | peers[0].remote",
                "remote: 'fd00::2', local: 'fe80::1'   | peers[0].local"
            })
    void linkLocalAddressesNeedADevice(String keys, String path) {
        assertThat(errors("peers: [{name: a, allowed_ips: [10.1.0.0/16], " + keys + "}]"))
                .singleElement()
                .asString()
                .contains(path, "is link-local", "name it as device", "fe80::2%eth0");
    }

    @Test
    void listenAddressMayNotBeLinkLocal() {
        assertThat(errors("listen: [{local: 'fe80::1'}]"))
                .singleElement()
                .asString()
                .contains("listen[0].local", "is link-local");
    }

    @Test
    void addressesOfOtherKindsThatNeedNoDevice() {
        for (String remote : new String[] {"169.254.1.2", "::1", "fd00::1", "fec0::1"}) {
            assertThat(errors("peers: [{name: a, allowed_ips: [10.1.0.0/16], remote: '" + remote + "'}]"))
                    .isEmpty();
        }
    }

    /** What a peer cannot have is not silently left out. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "6rd: {prefix: '2001:db8::/32'}   | 6rd: type: fixed has no use for it",
                "6rd: {relay_prefix: 10.0.0.0/8}  | 6rd: type: fixed has no use for it"
            })
    void optionsThatWouldBeIgnored(String keys, String message) {
        assertThat(errors("peers: [{name: a, remote: 192.0.2.2, allowed_ips: [10.1.0.0/16], " + keys + "}]"))
                .singleElement()
                .asString()
                .contains(message);
    }
}
