package net.fougateway.engine;

import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import net.fougateway.bpf.BpfFeatures;
import net.fougateway.capture.Captures;
import net.fougateway.config.Offloads.Ebpf;
import net.fougateway.linux.Links;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.Netlink;
import net.fougateway.log.LogLimit;
import net.fougateway.metrics.KernelPath;
import net.fougateway.metrics.Snapshot.Offload;
import net.fougateway.plan.Peering;
import net.fougateway.plan.Plan;
import net.fougateway.threads.Rounds;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * User space with programs in the kernel in front of it, which carry what they understand. When they end, however that is, or the kernel
 * takes none, user space carries all.
 */
public final class EbpfEngine implements Engine {

    private static final Logger log = LoggerFactory.getLogger(EbpfEngine.class);
    private static final LogLimit LIMIT = LogLimit.of(log, Level.WARN, "what eBPF could not follow");

    private final NettyEngine userSpace;
    private final Optional<FastPath> fastPath;
    private final Captures captures;
    private final String whyNot;

    private EbpfEngine(NettyEngine userSpace, Optional<FastPath> fastPath, Captures captures, String whyNot) {
        this.userSpace = userSpace;
        this.fastPath = fastPath;
        this.captures = captures;
        this.whyNot = whyNot;
    }

    /**
     * Puts programs in front of {@code userSpace}, which stays the caller's to close, if the configuration asks for them. When it cannot, one line in
     * the log and in {@code status} says why.
     */
    public static Engine over(NettyEngine userSpace, Plan plan, Captures captures) {
        if (plan.config().device().offload().ebpf() == Ebpf.OFF) {
            return userSpace;
        }
        Optional<String> missing = plan.config().isEthernet()
                ? Optional.of("device.mode is tap, and programs in the kernel carry IP packets only")
                : missing(plan.device());
        if (missing.isEmpty()) {
            try {
                return new EbpfEngine(userSpace, Optional.of(FastPath.start(userSpace, plan)), captures, "");
            } catch (LinuxException e) {
                missing = Optional.of(String.valueOf(e.getMessage()));
            }
        }
        log.warn("user space carries all packets: {}", missing.get());
        return new EbpfEngine(userSpace, Optional.empty(), captures, missing.get());
    }

    /** Why programs cannot be had, one sentence. */
    private static Optional<String> missing(String device) {
        Optional<String> permission = BpfFeatures.missingPermission();
        if (permission.isPresent()) {
            return permission;
        }
        try (Netlink netlink = Netlink.open()) {
            return BpfFeatures.missingTcx(
                    new Links(netlink).get(device, "find " + device).index());
        } catch (LinuxException e) {
            return Optional.of(e.getMessage());
        }
    }

    @Override
    public void use(Peering next) throws LinuxException {
        userSpace.use(next);
        try {
            if (fastPath.isPresent()) {
                fastPath.get().use(next);
            }
        } catch (LinuxException e) {
            tellOfUserSpace(e);
        }
    }

    @Override
    public List<String> takeUnreachable() {
        return userSpace.takeUnreachable();
    }

    @Override
    public EngineReport report() {
        EngineReport report = userSpace.report();
        if (fastPath.isEmpty()) {
            return report.with(
                    KernelPath.NONE,
                    List.of(new Offload(FastPath.RECEIVE, false, whyNot), new Offload(FastPath.SEND, false, whyNot)),
                    List.of());
        }
        FastPath path = fastPath.get();
        return report.with(kernelPath(path), path.offloads(), path.findings());
    }

    private static KernelPath kernelPath(FastPath path) {
        try {
            return path.report();
        } catch (LinuxException e) {
            if (LIMIT.permits()) {
                log.warn("the counters of eBPF cannot be read: {}", e.getMessage());
            }
            return KernelPath.NONE;
        }
    }

    @Override
    public boolean isRunning() {
        return userSpace.isRunning();
    }

    @Override
    public List<Rounds> keepers() {
        List<Rounds> keepers = new ArrayList<>(userSpace.keepers());
        fastPath.ifPresent(path -> {
            keepers.add(Rounds.every(0, "ebpf", () -> follow(path)));
            Onlooker onlooker = new Onlooker(path, captures);
            keepers.add(Rounds.every(Onlooker.PERIOD_MILLIS, "ebpf-capture", onlooker::round));
        });
        return keepers;
    }

    private static void follow(FastPath path) throws InterruptedException {
        try {
            path.round();
        } catch (LinuxException e) {
            tellOfUserSpace(e);
        }
    }

    private static void tellOfUserSpace(LinuxException e) {
        if (LIMIT.permits()) {
            log.warn("user space carries all packets until eBPF can follow: {}", e.getMessage());
        }
    }

    @Override
    public Iterable<EventExecutor> eventLoops() {
        return userSpace.eventLoops();
    }

    @Override
    public CompletableFuture<String> end() {
        return userSpace.end();
    }

    @Override
    public void close() {
        fastPath.ifPresent(FastPath::close);
    }
}
