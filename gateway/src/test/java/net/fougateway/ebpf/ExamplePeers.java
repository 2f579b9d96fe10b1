package net.fougateway.ebpf;

import net.fougateway.codec.PortPayload;
import net.fougateway.route.Peer;
import net.fougateway.route.Peers;
import net.fougateway.route.SourceCheck;

/** Peers of both families, and what follows from them. */
final class ExamplePeers {

    private final Peer four = Peers.peer(0, "192.0.2.1", "10.1.0.0/16", "fd00:1::/32");
    private final Peer six = Peers.peer(1, "2001:db8::1", "10.2.0.0/16", "fd00:2::/32");

    Contents contents() {
        return Contents.of(new Contents.Settings(42, 7, SourceCheck.Mode.STRICT, true, false))
                .listen(Peers.address("192.0.2.2"), 5555, PortPayload.FOU)
                .listen(Peers.address("2001:db8::2"), 5556, PortPayload.GUE)
                .sourcePorts(0, 40_000)
                .owner(four.allowedIps().get(0), 0)
                .peer(four, new Way(0, Peers.address("192.0.2.2"), 2, 0, 1, 1500, false))
                .peer(six, new Way(1, Peers.address("2001:db8::2"), 2, 0, 1, 1500, false));
    }
}
