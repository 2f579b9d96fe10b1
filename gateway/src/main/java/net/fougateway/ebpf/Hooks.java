package net.fougateway.ebpf;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import net.fougateway.bpf.BpfLink;
import net.fougateway.linux.Link;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.ReceiveOffload;
import net.fougateway.metrics.KernelPath.Hook;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The programs at the devices. At an underlay device tcx begins first and ends last, as it moves on what XDP has stripped. XDP is where
 * the device joins what it receives (GRO): joining comes behind it, and so does what it leaves. A device that joins nothing has super-packets
 * whole from its other end, which XDP would have to be given one by one. Not thread-safe.
 */
public final class Hooks implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Hooks.class);

    private record Receiver(Link device, BpfLink tcx, Optional<BpfLink> xdp) {

        void close() {
            xdp.ifPresent(BpfLink::close);
            tcx.close();
        }
    }

    private final FouPrograms programs;
    private final Map<Integer, Receiver> receivers = new LinkedHashMap<>();
    private final List<String> problems = new ArrayList<>();
    private Link tunnel;
    private BpfLink sender;

    /** At none yet. */
    public Hooks(FouPrograms programs) {
        this.programs = programs;
    }

    /**
     * Takes packets that leave through the tunnel device from now on, if that is not so already.
     *
     * @throws LinuxException where the kernel refuses
     */
    public void sendFrom(Link device) throws LinuxException {
        if (sender == null) {
            sender = programs.attachOut(device.index());
            tunnel = device;
        }
    }

    /** Takes datagrams that arrive at these devices from now on, and at no others; where the kernel refuses, user space has them. */
    public void receiveAt(Collection<Link> devices) {
        Map<Integer, Link> wanted = devices.stream().collect(Collectors.toMap(Link::index, device -> device));
        receivers.values().removeIf(receiver -> {
            boolean gone = !wanted.containsKey(receiver.device().index());
            if (gone) {
                receiver.close();
            }
            return gone;
        });
        problems.clear();
        wanted.values().stream()
                .filter(device -> !receivers.containsKey(device.index()))
                .forEach(this::receiveAt);
    }

    private void receiveAt(Link device) {
        try {
            BpfLink tcx = programs.attachIn(device.index());
            Receiver receiver = new Receiver(device, tcx, xdp(device));
            receivers.put(device.index(), receiver);
            log.info("eBPF receives at {} by {}", device.name(), receiver.xdp().isPresent() ? "tcx and XDP" : "tcx");
        } catch (LinuxException e) {
            problems.add("eBPF does not receive at %s: %s".formatted(device.name(), e.getMessage()));
        }
    }

    private Optional<BpfLink> xdp(Link device) {
        if (!ReceiveOffload.isOn(device.name())) {
            return Optional.empty();
        }
        try {
            return Optional.of(programs.attachXdp(device.index()));
        } catch (LinuxException e) {
            log.info("eBPF receives at {} without XDP: {}", device.name(), e.getMessage());
            return Optional.empty();
        }
    }

    /** True where a device joins datagrams before programs get them. */
    public boolean areBehindJoining() {
        return receivers.values().stream()
                .anyMatch(receiver -> receiver.xdp().isEmpty()
                        && ReceiveOffload.isOn(receiver.device().name()));
    }

    /** Where the kernel refused, one sentence each. */
    public List<String> problems() {
        return List.copyOf(problems);
    }

    /** Where programs are. */
    public List<Hook> list() {
        List<Hook> hooks = new ArrayList<>();
        receivers.values().forEach(receiver -> {
            hooks.add(new Hook(receiver.device().name(), "tcx_ingress"));
            receiver.xdp().ifPresent(xdp -> hooks.add(new Hook(receiver.device().name(), "xdp")));
        });
        if (sender != null) {
            hooks.add(new Hook(tunnel.name(), "tcx_egress"));
        }
        return hooks;
    }

    /** User space has all packets again. */
    @Override
    public void close() {
        receiveAt(List.of());
        if (sender != null) {
            sender.close();
            sender = null;
        }
    }
}
