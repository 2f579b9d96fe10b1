package net.fougateway.admin;

import io.netty.channel.Channel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The connections of the admin port that are waiting for a request, the longest waiting first. When there are too many, in all or from one
 * address, the longest waiting of them is closed: whoever really asks is served, however many keep silent. Belongs to the event loop.
 */
final class Connections {

    private final int most;
    private final int mostFromOne;
    private final Set<Channel> waiting = new LinkedHashSet<>();

    Connections(int most, int mostFromOne) {
        this.most = most;
        this.mostFromOne = mostFromOne;
    }

    /** A connection waits from now on, as the youngest. */
    void waits(Channel channel) {
        waiting.remove(channel);
        waiting.add(channel);
        InetAddress from = address(channel);
        if (waiting.stream().filter(other -> address(other).equals(from)).count() > mostFromOne) {
            closeLongest(from);
        } else if (waiting.size() > most) {
            closeLongest(null);
        }
    }

    /** A connection is being answered, or has ended. */
    void isBusy(Channel channel) {
        waiting.remove(channel);
    }

    private void closeLongest(InetAddress from) {
        for (Iterator<Channel> oldest = waiting.iterator(); oldest.hasNext(); ) {
            Channel channel = oldest.next();
            if (from == null || address(channel).equals(from)) {
                oldest.remove();
                channel.close();
                return;
            }
        }
    }

    private static InetAddress address(Channel channel) {
        return ((InetSocketAddress) channel.remoteAddress()).getAddress();
    }
}
