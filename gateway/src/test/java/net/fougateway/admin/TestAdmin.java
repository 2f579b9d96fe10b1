package net.fougateway.admin;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import net.fougateway.capture.Captures;
import net.fougateway.config.WebAccess;
import net.fougateway.metrics.AdminRefusal;
import net.fougateway.metrics.Snapshot;

/** An admin port for tests: on a free port of the loopback address, and where else they want. */
public final class TestAdmin implements AutoCloseable {

    private final Refusals refusals = new Refusals();
    private final AdminServer server;

    /** In plain HTTP. */
    public TestAdmin(Supplier<Snapshot> snapshots, Captures captures) throws IOException {
        this(WebAccess.OPEN, snapshots, captures);
    }

    /** As {@code access} says, and on {@code others} too. */
    public TestAdmin(WebAccess access, Supplier<Snapshot> snapshots, Captures captures, SocketAddress... others)
            throws IOException {
        List<SocketAddress> addresses = new ArrayList<>();
        addresses.add(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        addresses.addAll(List.of(others));
        server = new AdminServer(addresses, access, snapshots, captures, refusals);
    }

    /** Its TCP address. */
    public InetSocketAddress address() {
        return (InetSocketAddress) server.addresses().get(0);
    }

    AdminServer server() {
        return server;
    }

    long refused(AdminRefusal refusal) {
        return refusals.counts().get(refusal);
    }

    @Override
    public void close() {
        server.close();
    }
}
