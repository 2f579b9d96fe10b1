package net.fougateway.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import net.fougateway.linux.Libc;
import net.fougateway.plan.Plan;
import net.fougateway.takeover.Handover;
import net.fougateway.udp.SourcePorts;

/** What an engine need not open and make up, because the gateway before it has left it. Owns the sockets until they are taken. */
public final class Inheritance implements AutoCloseable {

    private final Optional<Handover> handover;
    private final List<Handover.Listener> listeners;
    private final List<Handover.Pool> pools;

    private Inheritance(Optional<Handover> handover) {
        this.handover = handover;
        listeners = handover.map(left -> new ArrayList<>(left.listeners())).orElseGet(ArrayList::new);
        pools = handover.map(left -> new ArrayList<>(left.pools())).orElseGet(ArrayList::new);
    }

    /** Nothing: there was none before. */
    public static Inheritance none() {
        return new Inheritance(Optional.empty());
    }

    /** The sockets of another gateway. */
    public static Inheritance of(Handover handover) {
        return new Inheritance(Optional.of(handover));
    }

    /** True when there is something to go on with. */
    public boolean isSome() {
        return handover.isPresent();
    }

    /** True when a port is left open. */
    public boolean has(Plan.Listen listen) {
        return listeners.stream().anyMatch(on(listen));
    }

    private static Predicate<Handover.Listener> on(Plan.Listen listen) {
        return listener -> listener.address().equals(listen.address())
                && listener.port() == listen.port()
                && listener.device().equals(listen.device());
    }

    Optional<Long> flowKey() {
        return handover.map(Handover::flowKey);
    }

    Handover.Memory memory() {
        return handover.map(Handover::memory).orElse(Handover.Memory.NONE);
    }

    /** The descriptor of a worker's socket on a port; whoever takes it owns it. */
    Optional<Integer> takeListener(Plan.Listen listen, int worker) {
        Optional<Handover.Listener> found = listeners.stream()
                .filter(on(listen))
                .filter(listener -> listener.worker() == worker)
                .findFirst();
        found.ifPresent(listeners::remove);
        return found.map(Handover.Listener::fd);
    }

    /** Sockets of a kind, if there are as many as wanted and their ports may still be used; whoever takes them owns them. */
    Optional<Handover.Pool> takePool(SourcePorts.Kind kind, int sockets, SourcePorts.Supply supply) {
        Optional<Handover.Pool> found = pools.stream()
                .filter(pool -> pool.kind().equals(kind))
                .filter(pool -> pool.sockets().size() == sockets)
                .filter(pool -> kind.port() != 0
                        || pool.ports().stream().allMatch(port -> port >= supply.min() && port <= supply.max()))
                .findFirst();
        found.ifPresent(pools::remove);
        return found;
    }

    /** Closes what nobody has taken. */
    @Override
    public void close() {
        listeners.forEach(listener -> Libc.close(listener.fd()));
        listeners.clear();
        pools.forEach(pool -> pool.sockets().forEach(Libc::close));
        pools.clear();
    }
}
