package net.fougateway.udp;

import net.fougateway.capture.Border;
import net.fougateway.capture.Tap;
import net.fougateway.codec.Direction;
import net.fougateway.codec.DropReason;
import net.fougateway.codec.FlowHash;
import net.fougateway.linux.Errno;
import net.fougateway.metrics.OffloadState;
import net.fougateway.metrics.WorkerCounters;

/**
 * Datagrams on their way out. Datagrams of equal size that leave from the same socket to the same address become one message with
 * {@code UDP_SEGMENT}, of whichever inner flows they are; all messages of one socket go out in one {@code sendmmsg}. Payload is
 * gathered from where it lies. The order of datagrams of one socket, and so of one flow, is kept.
 *
 * <p>Whatever the kernel does not take is counted, each datagram for itself: a message of several that it refuses is sent again one by one,
 * because the reason may be one that only some have, or the segmentation itself. Where it was that, the peer's datagrams are sent one by
 * one from then on.
 *
 * <p>The memory behind the datagrams must stay untouched until {@link #send}. Belongs to one worker.
 */
public final class DatagramBatch {

    /** Most datagrams in a batch. */
    public static final int MAX_DATAGRAMS = OutgoingMessages.MAX_DATAGRAMS;

    private final UdpSystemCalls system;
    private final WorkerCounters counters;
    private final Tap tap;
    private final OutgoingMessages messages;
    private final MessageHeaders headers;

    /**
     * An empty batch.
     *
     * @param system what carries the datagrams
     * @param counters of the worker
     * @param gso whether {@code UDP_SEGMENT} is used
     */
    public DatagramBatch(UdpSystemCalls system, WorkerCounters counters, OffloadState gso, Tap tap) {
        this.system = system;
        this.counters = counters;
        this.tap = tap;
        messages = new OutgoingMessages(gso);
        headers = new MessageHeaders(messages);
    }

    /** How many more datagrams fit. */
    public int room() {
        return MAX_DATAGRAMS - messages.datagrams();
    }

    /** True when there is nothing to send. */
    public boolean isEmpty() {
        return messages.datagrams() == 0;
    }

    /**
     * Chooses where the datagrams of the following {@link #add} calls go.
     *
     * @param to the peer
     * @param outerAddress where it is, by {@link PeerEndpoint#outerAddress}
     * @param innerIpv4 whether the inner packet is IPv4, else IPv6
     * @param flowHash {@link FlowHash} of the inner packet, which chooses the source port
     * @param tos outer TOS or traffic class
     * @param ttl outer TTL, or 0 for the socket's own
     */
    public void select(PeerEndpoint to, long outerAddress, boolean innerIpv4, int flowHash, int tos, int ttl) {
        messages.select(to, outerAddress, innerIpv4, to.socket(flowHash, innerIpv4), ttl << 8 | tos);
    }

    /**
     * Adds a datagram to where {@link #select} said. There must be {@link #room}.
     *
     * @param encapsulationBytes how many of the first bytes are not the inner packet's
     * @param header address of its first part
     * @param headerBytes length of the first part, in bytes
     * @param payload address of its second part
     * @param payloadBytes length of the second part, 0 when there is none
     */
    public void add(int encapsulationBytes, long header, int headerBytes, long payload, int payloadBytes) {
        messages.add(encapsulationBytes, header, headerBytes, payload, payloadBytes);
    }

    /** Sends everything, counts what became of it, and empties the batch. */
    public void send() {
        for (int group = 0; group < messages.groups(); group++) {
            sendGroup(group);
        }
        clear();
    }

    /** Forgets all datagrams, unsent and uncounted. */
    public void clear() {
        messages.clear();
    }

    private void sendGroup(int group) {
        int count = headers.writeGroup(group);
        int message = messages.firstMessage(group);
        int done = 0;
        while (done < count) {
            int sent = trySend(messages.socket(group), done, count - done);
            for (int i = 0; i < sent; i++, message = messages.nextMessage(message)) {
                forwarded(message, messages.segments(message), messages.innerBytes(message));
            }
            done += Math.max(sent, 0);
            if (sent < 0) {
                failed(group, message, -sent);
                message = messages.nextMessage(message);
                done++;
            }
        }
    }

    /** Tries again when a signal came in between, and once when the error was about the socket, not about what is to be sent. */
    private int trySend(int socket, int place, int count) {
        long from = headers.address(place);
        int sent = system.sendmmsg(socket, from, count);
        boolean told = false;
        while (sent == -Errno.EINTR.number() || (isAboutTheSocket(-sent) && !told)) {
            told |= isAboutTheSocket(-sent);
            sent = system.sendmmsg(socket, from, count);
        }
        return sent;
    }

    /** What happened to the socket before, such as SOCK_DESTROY ({@code ss -K}), is told once, in place of sending. */
    private static boolean isAboutTheSocket(int errno) {
        return errno == Errno.ECONNABORTED.number() || errno == Errno.ECONNREFUSED.number();
    }

    private void forwarded(int message, int packets, int bytes) {
        counters.forwarded(
                Direction.TUN_TO_UDP, messages.endpoint(message).peer().index(), packets, bytes);
    }

    private void failed(int group, int message, int errno) {
        DropReason reason = reasonOf(errno);
        if (messages.segments(message) > 1 && reason != DropReason.SOCKET_SNDBUF) {
            sendOneByOne(group, message, errno);
            return;
        }
        counters.sendError(errno);
        for (int datagram = messages.firstDatagram(message);
                datagram != OutgoingMessages.NONE;
                datagram = messages.nextDatagram(datagram)) {
            refused(message, datagram, reason);
        }
    }

    private void sendOneByOne(int group, int message, int errno) {
        PeerEndpoint endpoint = messages.endpoint(message);
        boolean fullSizeTaken = false;
        for (int datagram = messages.firstDatagram(message);
                datagram != OutgoingMessages.NONE;
                datagram = messages.nextDatagram(datagram)) {
            int bytes = messages.bytes(datagram);
            int sent = trySend(messages.socket(group), headers.writeAlone(message, datagram), 1);
            if (sent < 0) {
                counters.sendError(-sent);
                refused(message, datagram, reasonOf(-sent));
            } else {
                forwarded(message, 1, bytes - messages.encapsulationLength(datagram));
                fullSizeTaken |= bytes == messages.segmentBytes(message);
            }
        }
        if (fullSizeTaken) {
            endpoint.refuseSegments(errno);
        }
    }

    private void refused(int message, int datagram, DropReason reason) {
        if (reason == DropReason.PKT_TOO_BIG) {
            messages.endpoint(message).pathMtu().refused();
        }
        int bytes = messages.bytes(datagram) - messages.encapsulationLength(datagram);
        counters.dropped(Direction.TUN_TO_UDP, reason, 1, bytes);
        if (tap.wants(reason)) {
            show(datagram, reason);
        }
    }

    private void show(int datagram, DropReason reason) {
        int encapsulation = messages.encapsulationLength(datagram);
        tap.packet(messages.headerAddress(datagram) + encapsulation, messages.headerLength(datagram) - encapsulation)
                .add(messages.payloadAddress(datagram), messages.payloadLength(datagram))
                .seen(Border.TUN, Direction.TUN_TO_UDP, reason);
    }

    private static DropReason reasonOf(int errno) {
        if (errno == Errno.EAGAIN.number() || errno == Errno.ENOBUFS.number()) {
            return DropReason.SOCKET_SNDBUF;
        }
        return errno == Errno.EMSGSIZE.number() ? DropReason.PKT_TOO_BIG : DropReason.SEND_FAILED;
    }
}
