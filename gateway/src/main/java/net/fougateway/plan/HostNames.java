package net.fougateway.plan;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.Security;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The addresses of host names, as the host's resolver told them last. A name that does not resolve any more keeps the addresses that it
 * had. Looking up does not wait for a name server that is silent: an answer that comes late is there the next time.
 */
public final class HostNames {

    /** Asks for all addresses of a name. */
    interface Resolver {
        InetAddress[] addresses(String name) throws UnknownHostException;
    }

    private static final int MOST_AT_ONCE = 32;
    private static final long PATIENCE_MILLIS = 5000;
    private static final long IDLE_SECONDS = 10;

    private final Resolver resolver;
    private final long patienceMillis;
    private final Map<String, List<InetAddress>> known = new ConcurrentHashMap<>();
    private final AtomicBoolean news = new AtomicBoolean();
    private final Map<String, CompletableFuture<Void>> asked = new ConcurrentHashMap<>();
    private final ThreadPoolExecutor threads = new ThreadPoolExecutor(
            MOST_AT_ONCE,
            MOST_AT_ONCE,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            new DefaultThreadFactory("host-names", true));

    /** Asks the resolver of this host; knows nothing yet. */
    public HostNames() {
        this(InetAddress::getAllByName, PATIENCE_MILLIS);
    }

    HostNames(Resolver resolver, long patienceMillis) {
        this.resolver = resolver;
        this.patienceMillis = patienceMillis;
        threads.allowCoreThreadTimeOut(true);
    }

    /** Makes the JVM ask the host's resolver each time, in place of remembering what it said. Counts only before it asks for the first. */
    public static void askEachTime() {
        Security.setProperty("networkaddress.cache.ttl", "0");
        Security.setProperty("networkaddress.cache.negative.ttl", "0");
    }

    /** Looks {@code names} up, many at once; returns when all have been answered, or after five seconds. */
    public void lookUp(Collection<String> names) throws InterruptedException {
        CompletableFuture<?>[] answers =
                names.stream().distinct().map(this::answer).toArray(CompletableFuture<?>[]::new);
        try {
            CompletableFuture.allOf(answers).get(patienceMillis, TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            // what is missing is there the next time
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    /** Of a look-up that is under way, or begins. */
    private CompletableFuture<Void> answer(String name) {
        return asked.computeIfAbsent(name, key -> CompletableFuture.runAsync(() -> ask(key), threads));
    }

    private void ask(String name) {
        try {
            List<InetAddress> addresses = Arrays.stream(resolver.addresses(name))
                    .filter(HostNames::isOneMachine)
                    .toList();
            take(name, addresses);
        } catch (UnknownHostException e) {
            take(name, List.of());
        } finally {
            asked.remove(name);
        }
    }

    private void take(String name, List<InetAddress> addresses) {
        if (addresses.isEmpty()) {
            known.putIfAbsent(name, addresses);
        } else if (!addresses.equals(known.put(name, addresses))) {
            news.set(true);
        }
    }

    /** What some name servers answer for names that they block, and other addresses that no peer can have without a device. */
    private static boolean isOneMachine(InetAddress address) {
        boolean needsDevice = address instanceof Inet6Address && address.isLinkLocalAddress();
        return !address.isAnyLocalAddress() && !address.isMulticastAddress() && !needsDevice;
    }

    /** True when a name has other addresses than the last time that somebody asked. */
    public boolean takeNews() {
        return news.getAndSet(false);
    }

    /** What is known of {@code name}, in the order that the resolver prefers; empty when nothing is. */
    public List<InetAddress> addresses(String name) {
        return known.getOrDefault(name, List.of());
    }
}
