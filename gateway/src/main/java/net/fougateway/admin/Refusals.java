package net.fougateway.admin;

import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;
import net.fougateway.log.LogLimit;
import net.fougateway.metrics.AdminRefusal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Counts what the admin port refused, and writes a line about it, though not more lines than somebody reads. */
public final class Refusals {

    private static final Logger log = LoggerFactory.getLogger(Refusals.class);

    private final AtomicLongArray counts = new AtomicLongArray(AdminRefusal.values().length);
    private final Map<AdminRefusal, LogLimit> limits = new EnumMap<>(AdminRefusal.class);

    /** Nothing refused yet. */
    public Refusals() {
        for (AdminRefusal refusal : AdminRefusal.values()) {
            limits.put(refusal, LogLimit.of(log, Level.WARN, "admin port: " + refusal.meaning()));
        }
    }

    /** How many of each kind, zero or not. */
    public Map<AdminRefusal, Long> counts() {
        Map<AdminRefusal, Long> now = new EnumMap<>(AdminRefusal.class);
        for (AdminRefusal refusal : AdminRefusal.values()) {
            now.put(refusal, counts.get(refusal.ordinal()));
        }
        return now;
    }

    /**
     * Somebody was refused.
     *
     * @param client outer end of the connection
     * @param why completes "admin port: ADDRESS was refused: …"
     */
    void add(AdminRefusal refusal, SocketAddress client, String why) {
        counts.incrementAndGet(refusal.ordinal());
        if (limits.get(refusal).permits()) {
            log.warn("admin port: {} was refused: {}", text(client), why);
        }
    }

    private static String text(SocketAddress client) {
        return client instanceof InetSocketAddress inet ? NetUtil.toSocketAddressString(inet) : "a local program";
    }
}
