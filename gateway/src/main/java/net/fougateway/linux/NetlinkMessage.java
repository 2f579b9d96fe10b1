package net.fougateway.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A netlink message as received.
 *
 * @param type message type
 * @param flags {@code NLM_F_*}
 * @param sequence sequence number of the request that it answers
 * @param payload what follows the header, in host byte order, position 0
 */
record NetlinkMessage(int type, int flags, int sequence, ByteBuffer payload) {

    static final int HEADER_BYTES = 16;

    private static final int NLMSG_ERROR = 2;
    private static final int NLMSG_DONE = 3;
    private static final int NLM_F_DUMP_INTR = 0x10;
    private static final int NLM_F_CAPPED = 0x100;
    private static final int NLM_F_ACK_TLVS = 0x200;
    private static final int NLMSGERR_ATTR_MSG = 1;

    /** The messages in {@code datagram} from position 0, up to the first that does not fit; they share its memory. */
    static List<NetlinkMessage> parse(ByteBuffer datagram) {
        List<NetlinkMessage> messages = new ArrayList<>();
        int start = 0;
        while (start + HEADER_BYTES <= datagram.limit()) {
            int length = datagram.getInt(start);
            if (length < HEADER_BYTES || length > datagram.limit() - start) {
                break;
            }
            messages.add(at(datagram, start, length));
            start += align(length);
        }
        return messages;
    }

    private static NetlinkMessage at(ByteBuffer datagram, int start, int length) {
        return new NetlinkMessage(
                datagram.getShort(start + 4) & 0xffff,
                datagram.getShort(start + 6) & 0xffff,
                datagram.getInt(start + 8),
                datagram.slice(start + HEADER_BYTES, length - HEADER_BYTES).order(ByteOrder.nativeOrder()));
    }

    /** {@code length} rounded up to a multiple of 4. */
    static int align(int length) {
        return (length + 3) & ~3;
    }

    /** True for the acknowledgement, the error or the end mark that closes the answer to a request. */
    boolean isLast() {
        return type == NLMSG_ERROR || type == NLMSG_DONE;
    }

    /** True when the table changed while the kernel listed it, so that the list may have gaps. */
    boolean isInterrupted() {
        return (flags & NLM_F_DUMP_INTR) != 0;
    }

    /** Positive error number of the last message of an answer; 0 for success. */
    int errno() {
        return payload.limit() >= 4 ? -payload.getInt(0) : 0;
    }

    /** The kernel's own explanation in the last message of an answer. */
    Optional<String> extendedAcknowledgement() {
        if ((flags & NLM_F_ACK_TLVS) == 0) {
            return Optional.empty();
        }
        return attributes(align(4 + echoedRequestBytes())).text(NLMSGERR_ATTR_MSG);
    }

    private int echoedRequestBytes() {
        if (type == NLMSG_DONE) {
            return 0;
        }
        return (flags & NLM_F_CAPPED) != 0 ? HEADER_BYTES : payload.getInt(4);
    }

    /** The attributes behind a fixed part of {@code fixedBytes}. */
    NetlinkAttributes attributes(int fixedBytes) {
        int start = Math.min(fixedBytes, payload.limit());
        return new NetlinkAttributes(payload.slice(start, payload.limit() - start));
    }
}
