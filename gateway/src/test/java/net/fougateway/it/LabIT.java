package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

/** The laboratory itself, without a gateway. */
class LabIT {

    @Test
    void carriesTrafficBetweenNamespacesAndRemovesThem() throws Exception {
        Requires.program("ping", "iputils-ping");
        String prefix;
        try (Lab lab = Lab.create()) {
            prefix = lab.prefix();
            TwoHosts hosts = TwoHosts.build(lab);
            hosts.a().ping("10.77.0.2", 1472).ok();
            hosts.b().ping("fd77::1", 1452).ok();
            hosts.a().ping("10.77.0.2", 1473).failed();
            lab.server(hosts.b(), TwoHosts.SERVICE);
            TrafficClient client = new TrafficClient("fd77::2", TwoHosts.SERVICE);
            hosts.a().call(() -> client.transfer(3_000_000));
            assertThat(hosts.a().call(() -> client.echo(TwoHosts.udpSizes(1500))))
                    .isEmpty();
        }
        assertThat(Command.ok("ip", "netns", "list").output()).doesNotContain(prefix);
    }

    @Test
    void seesTheFlowsOfTheUnderlay() throws Exception {
        try (Lab lab = Lab.create()) {
            TwoHosts hosts = TwoHosts.build(lab);
            lab.server(hosts.b(), TwoHosts.SERVICE);
            OuterCapture capture = OuterCapture.start(hosts.a(), "eth0");
            try (capture) {
                hosts.a().call(() -> new TrafficClient("10.77.0.2", TwoHosts.SERVICE).flows(5));
            }
            Set<OuterCapture.Flow> there = capture.flows(true);
            assertThat(there).hasSize(5).allMatch(flow -> flow.destination() == TwoHosts.SERVICE);
            assertThat(capture.flows(false)).hasSize(5).allMatch(flow -> flow.source() == TwoHosts.SERVICE);
        }
    }

    @Test
    void runsCommandsAndTrafficInAGuestKernel() throws Exception {
        try (Lab lab = Lab.create()) {
            Namespace host = lab.namespace("host");
            KernelPeer peer = KernelPeer.start(lab, host, "tap0", "10.77.0.1/24", "10.77.0.2/24");
            assertThat(peer.run("ip fou add port 5555 ipproto 4 && ip fou show")
                            .ok()
                            .output())
                    .contains("port 5555 ipproto 4");
            peer.ping("10.77.0.1", 1472).ok();
            peer.server(TwoHosts.SERVICE);
            host.call(() -> new TrafficClient("10.77.0.2", TwoHosts.SERVICE).transfer(3_000_000));
        }
    }
}
