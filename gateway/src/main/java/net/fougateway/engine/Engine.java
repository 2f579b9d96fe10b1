package net.fougateway.engine;

import io.netty.util.concurrent.EventExecutor;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import net.fougateway.linux.LinuxException;
import net.fougateway.plan.Peering;
import net.fougateway.threads.Rounds;

/** What carries the packets between a device and the peers. The one there is, {@link NettyEngine}, stays the reference for others. */
public interface Engine extends AutoCloseable {

    /**
     * Goes on with other peers, between two packets; no packet of a peer that both have is lost.
     *
     * @throws LinuxException when a socket that they need cannot be had; then {@link #use} the peers from before
     */
    void use(Peering peering) throws LinuxException;

    /** Names of the peers that a packet could not be sent to, or did not reach, since this was last asked. */
    List<String> takeUnreachable();

    /** How it is at this moment; not to be asked on a thread of its own. */
    EngineReport report();

    /** True while every thread that carries packets comes round; costs nothing. */
    boolean isRunning();

    /** Threads that look after what is known of the host and the paths; the caller begins and ends them. */
    List<Rounds> keepers();

    /** Event loops of Netty that it runs on, for their meters; there may be none. */
    Iterable<EventExecutor> eventLoops();

    /** Completes with the reason when it cannot go on. */
    CompletableFuture<String> end();

    /** Carries no more packets, and closes every descriptor. */
    @Override
    void close();
}
