package net.fougateway.plan;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
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
    private final Set<String> asked = ConcurrentHashMap.newKeySet();
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

    /** Looks {@code names} up, many at once; returns when all have been answered, or after five seconds. */
    public void lookUp(Collection<String> names) throws InterruptedException {
        List<String> missing = names.stream().distinct().toList();
        CountDownLatch unanswered = new CountDownLatch(missing.size());
        for (String name : missing) {
            if (asked.add(name)) {
                threads.execute(() -> ask(name, unanswered));
            }
        }
        unanswered.await(patienceMillis, TimeUnit.MILLISECONDS);
    }

    private void ask(String name, CountDownLatch unanswered) {
        try {
            List<InetAddress> addresses = Arrays.stream(resolver.addresses(name))
                    .filter(HostNames::isOneMachine)
                    .toList();
            if (!addresses.equals(known.put(name, addresses))) {
                news.set(true);
            }
        } catch (UnknownHostException e) {
            known.putIfAbsent(name, List.of());
        } finally {
            asked.remove(name);
            unanswered.countDown();
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
