package net.fougateway.engine;

import com.sun.jna.Native;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.fougateway.admin.Refusals;
import net.fougateway.capture.Captures;
import net.fougateway.codec.VirtioNetHeader;
import net.fougateway.config.ConfigLoader;
import net.fougateway.config.GatewayConfig;
import net.fougateway.host.Preflight;
import net.fougateway.linux.Errno;
import net.fougateway.linux.Libc;
import net.fougateway.linux.NativeMemory;
import net.fougateway.linux.Netlink;
import net.fougateway.metrics.Routing;
import net.fougateway.metrics.Snapshot;
import net.fougateway.plan.KernelLookups;
import net.fougateway.plan.Peering;
import net.fougateway.plan.Plan;
import net.fougateway.status.GatewayStatus;
import net.fougateway.tun.TunDevice;

/** A gateway whose device is a pair of sockets; all else of it is real, on the loopback interface, and needs no privilege. */
final class StandInGateway implements AutoCloseable {

    private static final int AF_UNIX = 1;
    private static final int SOCK_SEQPACKET_NONBLOCK_CLOEXEC = 5 | 0x800 | 0x80000;
    private static final int PACKET_BYTES = 65_546;

    private final NativeMemory memory = NativeMemory.allocate(PACKET_BYTES);
    private final Netlink netlink = Netlink.open();
    private final KernelLookups facts = new KernelLookups(netlink);
    private final int hostEnd;
    private final NettyEngine engine;
    private final GatewayStatus status;
    private Peering peering;

    /** One that runs with this configuration; where it cannot, nothing is left open. */
    StandInGateway(String yaml) throws Exception {
        Plan plan = plan(yaml);
        peering = plan.peering();
        if (memory.call(pair -> Libc.socketpair(AF_UNIX, SOCK_SEQPACKET_NONBLOCK_CLOEXEC, 0, pair)) < 0) {
            netlink.close();
            throw Errno.lastFailure("make a pair of sockets");
        }
        hostEnd = memory.buffer().getInt(Integer.BYTES);
        TunDevice device = TunDevice.standIn(plan.device(), memory.buffer().getInt(0));
        try {
            engine = NettyEngine.start(plan, device, new NettyEngine.Surroundings(netlink, new Captures(), false));
        } catch (Throwable e) {
            device.close();
            Libc.close(hostEnd);
            netlink.close();
            throw e;
        }
        status = new GatewayStatus(
                netlink,
                plan.device(),
                engine,
                () -> peering,
                () -> Snapshot.Reloads.NONE,
                new GatewayStatus.Others(
                        Preflight.of(netlink, plan.device(), List.of()), new Refusals(), () -> Routing.Reads.NONE));
    }

    private Plan plan(String yaml) throws Exception {
        GatewayConfig config = ConfigLoader.load("test", yaml, Map.of(), Map.of());
        return Plan.of(config, facts.lookedUp(config));
    }

    /** Goes on with the peers of another configuration. */
    void use(String yaml) throws Exception {
        peering = plan(yaml).peering();
        engine.use(peering);
    }

    /** The host sends a packet into the device. */
    void send(byte... packet) {
        VirtioNetHeader.writePlain(memory.buffer(), 0);
        memory.buffer().put(VirtioNetHeader.BYTES, packet);
        int length = VirtioNetHeader.BYTES + packet.length;
        while (memory.call(address -> (int) Libc.write(hostEnd, address, length)) < 0) {
            if (!Errno.EAGAIN.is(Native.getLastError())) {
                throw new IllegalStateException(Errno.text(Native.getLastError()));
            }
            Thread.onSpinWait();
        }
    }

    /** What the device has given to the host since last asked; joined packets as they are. */
    List<byte[]> received() {
        List<byte[]> packets = new ArrayList<>();
        while (true) {
            int length = memory.call(address -> (int) Libc.recv(hostEnd, address, PACKET_BYTES, 0));
            if (length <= 0) {
                return packets;
            }
            byte[] packet = new byte[length - VirtioNetHeader.BYTES];
            memory.buffer().get(VirtioNetHeader.BYTES, packet);
            packets.add(packet);
        }
    }

    Snapshot snapshot() {
        return status.snapshot();
    }

    NettyEngine engine() {
        return engine;
    }

    @Override
    public void close() {
        engine.close();
        Libc.close(hostEnd);
        netlink.close();
    }
}
