package net.fougateway.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/**
 * Two network namespaces with a wire between them and a gateway in each. Closing it removes everything, at any moment and
 * from any thread: once that has begun, nothing new is made.
 */
final class Lab implements AutoCloseable {

    /** Name of the wire's end in both namespaces. */
    static final String WIRE = "eth0";

    private final Transcript transcript;
    private final List<GatewayProcess> gateways = new ArrayList<>();
    private boolean closed;

    Lab(Transcript transcript) {
        this.transcript = transcript;
    }

    /** Makes the namespaces and the wire. */
    void makeHosts() throws DemoException {
        for (Side side : Side.values()) {
            type("ip netns add " + side.namespace());
        }
        type("ip link add %s netns %s type veth peer name %s netns %s"
                .formatted(WIRE, Side.LEFT.namespace(), WIRE, Side.RIGHT.namespace()));
        for (Side side : Side.values()) {
            String inside = "ip -n " + side.namespace();
            type(inside + " link set lo up");
            type(inside + " addr add " + side.underlayIpv4() + "/24 dev " + WIRE);
            type(inside + " addr add " + side.underlayIpv6() + "/64 dev " + WIRE + " nodad");
            type(inside + " link set " + WIRE + " up");
        }
    }

    private synchronized void type(String command) throws DemoException {
        requireOpen();
        transcript.command(command);
        Shell.run(command);
    }

    /** Starts both gateways, and waits until they carry packets. */
    void startGateways() throws Exception {
        for (Side side : Side.values()) {
            startGateway(side);
        }
        for (GatewayProcess gateway : gateways) {
            gateway.awaitReady();
        }
    }

    private synchronized void startGateway(Side side) throws DemoException, IOException {
        requireOpen();
        transcript.command("cat > " + GatewayProcess.configuration(side));
        transcript.output(side.configuration());
        Files.writeString(GatewayProcess.configuration(side), side.configuration());
        transcript.command(Program.typed(side.namespace(), GatewayProcess.arguments(side)) + " &");
        gateways.add(GatewayProcess.start(side));
    }

    private void requireOpen() throws DemoException {
        if (closed) {
            throw new DemoException("the demo was interrupted");
        }
    }

    /** Waits until a gateway ends, which is a failure. */
    void awaitEnd() throws DemoException {
        CompletableFuture<?>[] ends =
                gateways.stream().map(GatewayProcess::onExit).toArray(CompletableFuture[]::new);
        GatewayProcess first = (GatewayProcess) CompletableFuture.anyOf(ends).join();
        throw first.ended();
    }

    /** True when a signal ends the demo, so that whatever fails now is no news. */
    synchronized boolean isInterrupted() {
        return closed || gateways.stream().anyMatch(GatewayProcess::isInterrupted);
    }

    /** Stops the gateways and removes all that was made. */
    @Override
    public synchronized void close() throws DemoException {
        if (closed) {
            return;
        }
        closed = true;
        transcript.heading("Cleaning up");
        stopGateways();
        List<String> removed = Traces.removeOwn();
        transcript.success(removed.isEmpty() ? "nothing was left" : "removed " + String.join(", ", removed));
    }

    private void stopGateways() {
        if (gateways.isEmpty()) {
            return;
        }
        transcript.command(gateways.stream()
                .map(gateway -> Long.toString(gateway.pid()))
                .collect(Collectors.joining(" ", "kill ", "")));
        gateways.forEach(GatewayProcess::requestStop);
        try {
            for (GatewayProcess gateway : gateways) {
                gateway.awaitStop();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
