package net.fougateway.admin;

import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import net.fougateway.metrics.AdminRefusal;

/**
 * The connections of the admin port that are waiting for a request, the longest waiting first. When there are too many, in all or from one
 * address, the longest waiting of them is closed: whoever really asks is served, however many keep silent. Belongs to the event loop.
 */
final class Connections {

    private final int most;
    private final int mostFromOne;
    private final Refusals refusals;
    private final Set<Channel> waiting = new LinkedHashSet<>();

    Connections(int most, int mostFromOne, Refusals refusals) {
        this.most = most;
        this.mostFromOne = mostFromOne;
        this.refusals = refusals;
    }

    /** A connection waits from now on, as the youngest. */
    void waits(Channel channel) {
        waiting.remove(channel);
        waiting.add(channel);
        Object from = origin(channel);
        if (waiting.stream().filter(other -> origin(other).equals(from)).count() > mostFromOne) {
            closeLongest(from);
        } else if (waiting.size() > most) {
            closeLongest(null);
        }
    }

    /** A connection is being answered, or has ended. */
    void isBusy(Channel channel) {
        waiting.remove(channel);
    }

    /** Closes all that wait. */
    void closeAll() {
        List.copyOf(waiting).forEach(Channel::close);
    }

    private void closeLongest(Object from) {
        for (Iterator<Channel> oldest = waiting.iterator(); oldest.hasNext(); ) {
            Channel channel = oldest.next();
            if (from == null || origin(channel).equals(from)) {
                oldest.remove();
                refusals.add(AdminRefusal.TOO_MANY, channel.remoteAddress(), "it kept silent, and others want to ask");
                channel.close();
                return;
            }
        }
    }

    /** Its address; programs of this host, which have none, are one. */
    private static Object origin(Channel channel) {
        return channel.remoteAddress() instanceof InetSocketAddress inet ? inet.getAddress() : "";
    }
}
