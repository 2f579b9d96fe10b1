package net.fougateway.demo;

import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import net.fougateway.linux.NetworkNamespace;

/** Two hosts talk through a tunnel, and the reader sees how it is set up and that it works. */
public final class Demo {

    private static final int FOU_PORT = 5555;
    private static final int PINGS = 10;
    private static final int CONNECTIONS = 4;
    private static final int TRANSFER_BYTES = 32_000_000;
    private static final int EXIT_BY_SIGINT = 130;

    private final Transcript transcript;
    private final Lab lab;

    private Demo(Transcript transcript, Lab lab) {
        this.transcript = transcript;
        this.lab = lab;
    }

    /**
     * Shows the tunnel, and leaves nothing behind, whatever happens.
     *
     * @param once ends after the proof; otherwise the gateways stay until a signal comes
     * @return exit code
     * @throws DemoException when anything failed
     */
    public static int run(Transcript transcript, boolean once) throws DemoException {
        Requirements.ofThisMachine().check();
        try (Lab lab = new Lab(transcript)) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> closeAtExit(lab), "demo-cleanup"));
            return new Demo(transcript, lab).play(once);
        }
    }

    private static void closeAtExit(Lab lab) {
        try {
            lab.close();
        } catch (DemoException e) {
            System.err.println("fou-gateway: " + e.getMessage());
        }
    }

    private int play(boolean once) throws DemoException {
        try {
            removeLeftovers();
            makeHosts();
            startGateways();
            pingAndCapture();
            transfer();
            showStatus();
            if (!once) {
                stay();
            }
            return 0;
        } catch (Exception e) {
            if (lab.isInterrupted()) {
                return EXIT_BY_SIGINT;
            }
            throw e instanceof DemoException failure ? failure : new DemoException(e.getMessage(), e);
        }
    }

    private void removeLeftovers() throws DemoException {
        List<String> removed = Traces.removeOfDead();
        if (!removed.isEmpty()) {
            transcript.heading("An earlier demo was killed");
            transcript.success("removed " + String.join(", ", removed));
        }
    }

    private void makeHosts() throws DemoException {
        transcript.heading("Two hosts and a wire: network namespaces and a veth pair");
        lab.makeHosts();
        transcript.success(Side.LEFT.underlayIpv4() + " and " + Side.RIGHT.underlayIpv4() + " are neighbours");
    }

    private void startGateways() throws Exception {
        transcript.heading("A gateway on each host");
        long begin = System.nanoTime();
        lab.startGateways();
        transcript.success(
                String.format(Locale.ROOT, "both are ready after %.1f s", (System.nanoTime() - begin) / 1e9));
    }

    private void pingAndCapture() throws Exception {
        try (UnderlayCapture capture =
                NetworkNamespace.call(Side.LEFT.namespace(), () -> UnderlayCapture.open(Lab.WIRE))) {
            transcript.heading("Ping through the tunnel: ICMP echo from " + Side.LEFT.namespace());
            ping(Side.RIGHT.tunnelIpv4());
            ping(Side.RIGHT.tunnelIpv6());
            transcript.heading("What crosses the wire: UDP, each inner flow from a source port of its own");
            for (int i = 0; i < CONNECTIONS; i++) {
                TcpPair.connect(Side.LEFT).close();
            }
            showFlows(capture.read());
        }
    }

    private void ping(String destination) throws Exception {
        InetAddress address = InetAddress.getByName(destination);
        Ping.RoundTrips result = NetworkNamespace.call(Side.LEFT.namespace(), () -> Ping.run(address, PINGS));
        if (!result.isComplete()) {
            throw new DemoException("ping " + destination + " through the tunnel: " + result);
        }
        transcript.success(destination + ": " + result);
    }

    private void showFlows(List<TunnelPacket> packets) throws DemoException {
        Map<TunnelPacket, Integer> flows = new LinkedHashMap<>();
        packets.stream()
                .filter(packet -> packet.source().equals(Side.LEFT.underlayIpv4()))
                .forEach(packet -> flows.merge(packet, 1, Integer::sum));
        flows.forEach((flow, count) -> transcript.output(flow + ", packets: " + count));
        long ports =
                flows.keySet().stream().map(TunnelPacket::sourcePort).distinct().count();
        boolean allToPort = packets.stream().allMatch(packet -> packet.destinationPort() == FOU_PORT);
        if (ports < 2 || !allToPort) {
            throw new DemoException("expected several UDP source ports and only destination port " + FOU_PORT);
        }
        transcript.success("%d flows left from %d source ports; all %d packets, there and back, were UDP to port %d"
                .formatted(flows.size(), ports, packets.size(), FOU_PORT));
    }

    private void transfer() throws Exception {
        transcript.heading("TCP through the tunnel, while the gateways are still warming up");
        for (Side from : Side.values()) {
            Transfer result = Transfer.run(from, TRANSFER_BYTES);
            String way = from.title() + " to " + from.other().title() + ": ";
            if (!result.isIntact()) {
                throw new DemoException(
                        way + "sent SHA-256 " + result.sentSha256() + ", received " + result.receivedSha256());
            }
            transcript.success(way + result);
        }
    }

    private void showStatus() throws DemoException {
        transcript.heading("What the gateways say");
        for (Side side : Side.values()) {
            String command = Program.typed(side.namespace(), "status");
            transcript.command(command);
            transcript.output(Shell.run(command, Program.in(side.namespace(), "status")));
        }
        transcript.success("the tunnel works");
    }

    private void stay() throws DemoException {
        String left = Side.LEFT.namespace();
        transcript.heading("Your turn: both gateways keep running. In another terminal, as root:");
        transcript.command("ip netns exec " + left + " ping " + Side.RIGHT.tunnelIpv4());
        transcript.command("ip netns exec " + left + " ping " + Side.RIGHT.tunnelIpv6());
        transcript.command(Program.typed(left, "status --watch"));
        transcript.command("ip netns exec " + left + " curl http://127.0.0.1:15555/metrics");
        transcript.command("ip netns exec " + left + " tcpdump -n -i " + Lab.WIRE + " udp port " + FOU_PORT);
        transcript.command("less " + GatewayProcess.log(Side.LEFT));
        transcript.success("Ctrl-C ends the demo and removes everything");
        lab.awaitEnd();
    }
}
