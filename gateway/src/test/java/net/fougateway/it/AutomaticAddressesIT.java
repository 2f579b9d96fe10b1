package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Peers whose outer address is inside the inner one, with the kernel's {@code sit} without a remote as one of many sites. */
class AutomaticAddressesIT {

    private static final long FIVE_MEGABYTES = 5_000_000;

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "6to4 | '' | '' | 2002:a4d:1::1 | 2002:a4d:2::1 | /16",
                "6rd | 6rd: {prefix: '2001:db8::/32', relay_prefix: 10.0.0.0/8} |"
                        + " ip tunnel 6rd dev tun 6rd-prefix 2001:db8::/32 6rd-relay_prefix 10.0.0.0/8 |"
                        + " 2001:db8:4d00:100::1 | 2001:db8:4d00:200::1 | /32",
                "isatap | '' | '' | fd00:10::5efe:a4d:1 | fd00:10::5efe:a4d:2 | /64",
            })
    void theKernelIsReachedAndAnswers(
            String type, String peerKeys, String kernelLines, String ours, String theirs, String length)
            throws Exception {
        try (Lab lab = Lab.create()) {
            Namespace host = lab.namespace("gw");
            KernelPeer kernel = KernelPeer.start(lab, host, "tap0", "10.77.0.1/24", "10.77.0.2/24");
            kernel.run("""
                    set -e
                    ip fou add port 5555 ipproto 41
                    ip link add tun type sit local 10.77.0.2 ttl 64 %s encap fou encap-sport auto encap-dport 5555
                    %s
                    ip link set tun up
                    ip address add %s%s dev tun nodad
                    """.formatted(type.equals("isatap") ? type : "", kernelLines, theirs, length))
                    .ok();
            kernel.server(TwoHosts.SERVICE);
            GatewayProcess gateway = lab.gateway(host, """
                    device: {address: ["%s%s"]}
                    peers: [{name: other, type: %s, local: 10.77.0.1, %s%s allowed_ips: ["%s"]}]
                    """.formatted(
                            ours, length, type, peerKeys, peerKeys.isEmpty() ? "" : ",", network(theirs, length)));

            host.ping(theirs, 0, 64, 1200, 1472 - 48).ok();
            kernel.ping(ours, 0, 64, 1200, 1472 - 48).ok();
            TrafficClient client = new TrafficClient(theirs, TwoHosts.SERVICE);
            host.call(() -> client.transfer(FIVE_MEGABYTES));
            assertThat(gateway.assertSumsClose().forwarded(Metrics.UDP_TO_TUN)).isGreaterThan(FIVE_MEGABYTES / 1500);
        }
    }

    private static String network(String address, String length) {
        return switch (length) {
            case "/16" -> "2002::/16";
            case "/32" -> "2001:db8::/32";
            default -> address.substring(0, "fd00:10::".length()) + "/64";
        };
    }
}
