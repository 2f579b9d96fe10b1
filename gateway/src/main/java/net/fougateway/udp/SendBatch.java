package net.fougateway.udp;

import net.fougateway.linux.Errno;

/**
 * Datagrams on their way out. Datagrams of equal size that leave from the same socket to the same address become one message with
 * {@code UDP_SEGMENT}, of whichever inner flows they are; all messages of one socket go out in one {@code sendmmsg}. Payload is
 * gathered from where it lies. The order of datagrams of one socket, and so of one flow, is kept.
 *
 * <p>What became of them {@link #messages} tell, from {@link #send} until {@link #clear}. A message of several that the kernel does not take
 * is sent again one by one, because the reason may be one that only some have, or the segmentation itself.
 *
 * <p>The memory behind the datagrams must stay untouched until {@link #send} returns. Belongs to one worker.
 */
public final class SendBatch {

    /** Most datagrams in a batch. */
    public static final int MAX_DATAGRAMS = OutgoingMessages.MAX_DATAGRAMS;

    private final UdpSystemCalls system;
    private final OutgoingMessages messages = new OutgoingMessages();
    private final MessageHeaders headers = new MessageHeaders(messages);

    /**
     * An empty batch.
     *
     * @param system what carries the datagrams
     */
    public SendBatch(UdpSystemCalls system) {
        this.system = system;
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
     * Chooses where the datagrams of the following {@link #add} calls go, and from which socket.
     *
     * @param to where they go
     * @param ipv4Address the address in place of that of {@code to}, or {@link Destination#FIXED}
     * @param tosAndTtl TOS or traffic class in the low 8 bits, and above it the TTL, or 0 for the socket's own
     * @param tag what {@link OutgoingMessages#tag} tells of them
     * @return true when they begin another message; then {@link #join} says which of them may be put together
     */
    public boolean select(int socket, Destination to, long ipv4Address, int tosAndTtl, int tag) {
        return messages.select(socket, to, ipv4Address, tosAndTtl, tag);
    }

    /** Datagrams up to this length may be put together with {@code UDP_SEGMENT}; 0 for none, as it is without this. */
    public void join(int maxSegmentBytes) {
        messages.join(maxSegmentBytes);
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

    /** Sends everything. */
    public void send() {
        for (int group = 0; group < messages.groups(); group++) {
            sendGroup(group);
        }
    }

    /** What was put together, and after {@link #send} what became of it. */
    public OutgoingMessages messages() {
        return messages;
    }

    /** Forgets all datagrams, sent or not. */
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
                messages.sent(message, 0);
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
        return Errno.ECONNABORTED.is(errno) || Errno.ECONNREFUSED.is(errno);
    }

    private static boolean isAboutRoom(int errno) {
        return Errno.EAGAIN.is(errno) || Errno.ENOBUFS.is(errno);
    }

    private void failed(int group, int message, int errno) {
        messages.sent(message, errno);
        if (messages.segments(message) > 1 && !isAboutRoom(errno)) {
            sendOneByOne(group, message);
        }
    }

    private void sendOneByOne(int group, int message) {
        messages.takeApart(message);
        for (int datagram = messages.firstDatagram(message);
                datagram != OutgoingMessages.NONE;
                datagram = messages.nextDatagram(datagram)) {
            int sent = trySend(messages.socket(group), headers.writeAlone(message, datagram), 1);
            messages.sentAlone(datagram, Math.max(-sent, 0));
        }
    }
}
