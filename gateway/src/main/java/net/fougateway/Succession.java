package net.fougateway;

import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import net.fougateway.admin.AdminServer;
import net.fougateway.engine.Inheritance;
import net.fougateway.engine.NettyEngine;
import net.fougateway.linux.Errno;
import net.fougateway.linux.Libc;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.Netlink;
import net.fougateway.plan.Plan;
import net.fougateway.plan.StartException;
import net.fougateway.takeover.Handover;
import net.fougateway.takeover.Predecessor;
import net.fougateway.training.Training;
import net.fougateway.tun.DeviceLock;
import net.fougateway.tun.TunDevice;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How a gateway comes to its device and its sockets: it is the first, or takes the place of one that runs and carries packets until then. */
final class Succession implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Succession.class);
    /** Until the compilers have seen the packet path: what waits in the kernel meanwhile must not overflow there. */
    private static final Duration WARM_UP = Duration.ofSeconds(3);

    private static final int LEAST_PRIORITY = 19;

    private final Optional<Predecessor> predecessor;
    private final Inheritance inheritance;
    private boolean pending;

    private Succession(Optional<Predecessor> predecessor) {
        this.predecessor = predecessor;
        inheritance =
                predecessor.map(before -> Inheritance.of(before.handover())).orElseGet(Inheritance::none);
        pending = predecessor.isPresent();
    }

    /** There is none before. */
    static Succession first() {
        return new Succession(Optional.empty());
    }

    /**
     * After the gateway that has the device, if there is one. It warms up first.
     *
     * @throws LinuxException when that one does not hand over
     */
    static Succession after(String device) throws LinuxException {
        Succession succession = new Succession(Predecessor.find(device));
        if (succession.pending) {
            log.info(
                    "takes the place of the gateway that has {}, after a warm-up of {} s", device, WARM_UP.toSeconds());
            warmUp();
        } else {
            log.info("no gateway has {}, so there is no place to take", device);
        }
        return succession;
    }

    /** On a thread that gives way, and so do those that it starts: the gateway that carries packets needs the processor more. */
    private static void warmUp() {
        Thread thread = new Thread(Succession::train, "warm-up");
        thread.start();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void train() {
        Libc.setpriority(0, 0, LEAST_PRIORITY);
        try {
            Training.run(WARM_UP);
        } catch (Exception e) {
            log.warn("takes over without having warmed up, packets may get lost: {}", e.getMessage());
        }
    }

    /** True until this gateway carries the packets of another; what the host has been given is the other's until then. */
    boolean isPending() {
        return pending;
    }

    Inheritance inheritance() {
        return inheritance;
    }

    /** Those of addresses for the admin port at which the gateway before does not answer: nobody may have them now. */
    List<SocketAddress> othersThanBefore(List<SocketAddress> addresses) {
        return predecessor
                .map(before -> addresses.stream()
                        .filter(address -> !before.handover().admin().contains(AdminServer.text(address)))
                        .toList())
                .orElse(List.of());
    }

    DeviceLock lock(String device) throws LinuxException {
        return predecessor.isPresent()
                ? DeviceLock.inherited(predecessor.get().handover().lock())
                : DeviceLock.take(device);
    }

    /** Whether the device is the gateway's own. */
    boolean isCreated(String device, Netlink netlink) throws LinuxException {
        return predecessor.isPresent()
                ? predecessor.get().handover().device().created()
                : TunDevice.isAbsent(device, netlink);
    }

    /**
     * The device, with its queues open.
     *
     * @throws StartException when that of the gateway before does not fit
     */
    TunDevice device(Plan plan, boolean created) throws LinuxException, StartException {
        if (predecessor.isEmpty()) {
            return TunDevice.open(
                    plan.device(), plan.config().device().mode(), plan.workers().workers(), created);
        }
        Handover.Device before = predecessor.get().handover().device();
        TunDevice device = TunDevice.inherited(before.name(), before.mode(), before.queues());
        if (!fits(before, plan)) {
            device.close();
            throw new StartException(
                    List.of(
                            "device.mode, or gre.sequence with "
                                    + before.queues().size()
                                    + " workers, is not possible with the device of the gateway that runs: stop that one, and start this one"));
        }
        return device;
    }

    private static boolean fits(Handover.Device before, Plan plan) {
        boolean numbered = plan.peers().stream().anyMatch(peer -> peer.gre().sequence());
        return before.mode() == plan.config().device().mode()
                && (!numbered || before.queues().size() == 1);
    }

    /**
     * Has {@code userSpace}, which is ready, carry packets. When this returns, the gateway before has let go of all.
     *
     * @throws LinuxException when that one goes on instead
     */
    void carry(NettyEngine userSpace) throws LinuxException {
        if (predecessor.isPresent()) {
            try {
                takeOver(predecessor.get(), userSpace);
            } finally {
                close();
            }
        } else {
            userSpace.carry();
        }
    }

    private void takeOver(Predecessor before, NettyEngine userSpace) throws LinuxException {
        Optional<Handover.Memory> learned = before.pause();
        learned.ifPresent(userSpace::remember);
        if (learned.isPresent() && !before.carrying()) {
            throw Errno.failure(Errno.ETIMEDOUT.number(), "take over: the gateway that runs goes on");
        }
        pending = false;
        userSpace.carry();
        before.awaitEnd();
    }

    @Override
    public void close() {
        predecessor.ifPresent(Predecessor::close);
        inheritance.close();
    }
}
