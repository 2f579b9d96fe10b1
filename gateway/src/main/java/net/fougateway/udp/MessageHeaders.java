package net.fougateway.udp;

import java.nio.ByteBuffer;
import net.fougateway.linux.NativeMemory;
import net.fougateway.linux.Sockets;

/** What {@code sendmmsg} wants to know of messages, in native memory: an {@code mmsghdr} for each, behind one another. Belongs to one worker. */
final class MessageHeaders {

    private static final int CONTROL_BYTES = 112;
    /** One more than the messages of a batch, for a datagram that is sent again. */
    private static final int ROOM = OutgoingMessages.MAX_DATAGRAMS + 1;

    private final OutgoingMessages messages;
    private final NativeMemory iovecs = NativeMemory.allocate(2 * ROOM * Sockets.IOVEC_BYTES);
    private final NativeMemory headers = NativeMemory.allocate(ROOM * Sockets.MMSGHDR_BYTES);
    private final NativeMemory controls = NativeMemory.allocate(ROOM * CONTROL_BYTES);
    private int usedIovecs;
    private int used;

    /** None, of {@code messages}. */
    MessageHeaders(OutgoingMessages messages) {
        this.messages = messages;
    }

    /** Writes those of all messages of a group in place of what was there; returns their number. */
    int writeGroup(int group) {
        usedIovecs = 0;
        used = 0;
        for (int message = messages.firstMessage(group);
                message != OutgoingMessages.NONE;
                message = messages.nextMessage(message)) {
            write(message, messages.firstDatagram(message), messages.segments(message));
        }
        return used;
    }

    /** Writes that of one datagram of a message behind the others, until the next is written there; returns its place. */
    int writeAlone(int message, int datagram) {
        int iovecsBefore = usedIovecs;
        write(message, datagram, 1);
        usedIovecs = iovecsBefore;
        used--;
        return used;
    }

    /** Address of the {@code mmsghdr} at a place. */
    long address(int place) {
        return headers.address() + (long) place * Sockets.MMSGHDR_BYTES;
    }

    private void write(int message, int firstDatagram, int count) {
        long iovecsFrom = iovecs.address() + (long) usedIovecs * Sockets.IOVEC_BYTES;
        int iovecsBefore = usedIovecs;
        for (int i = 0, datagram = firstDatagram; i < count; i++, datagram = messages.nextDatagram(datagram)) {
            writeIovec(messages.headerAddress(datagram), messages.headerLength(datagram));
            if (messages.payloadLength(datagram) > 0) {
                writeIovec(messages.payloadAddress(datagram), messages.payloadLength(datagram));
            }
        }
        int controlAt = used * CONTROL_BYTES;
        int controlLength = writeControl(message, count, controlAt);
        ByteBuffer header = headers.buffer();
        int at = used * Sockets.MMSGHDR_BYTES;
        header.putLong(at, messages.address(message));
        header.putInt(at + 8, messages.destination(message).length());
        header.putLong(at + 16, iovecsFrom);
        header.putLong(at + 24, usedIovecs - iovecsBefore);
        header.putLong(at + 32, controlLength == 0 ? 0 : controls.address() + controlAt);
        header.putLong(at + 40, controlLength);
        header.putInt(at + 48, 0);
        used++;
    }

    private void writeIovec(long address, int length) {
        int at = usedIovecs * Sockets.IOVEC_BYTES;
        iovecs.buffer().putLong(at, address);
        iovecs.buffer().putLong(at + 8, length);
        usedIovecs++;
    }

    private int writeControl(int message, int count, int at) {
        int length = 0;
        if (count > 1) {
            length += ControlMessage.write16(
                    controls.buffer(), at, UdpSocket.SOL_UDP, UdpSocket.UDP_SEGMENT, messages.segmentBytes(message));
        }
        boolean ipv4 = messages.destination(message).isIpv4();
        int tos = messages.tosAndTtl(message) & 0xff;
        int ttl = messages.tosAndTtl(message) >>> 8;
        if (tos != 0) {
            length += ipv4
                    ? ControlMessage.write32(controls.buffer(), at + length, UdpSocket.SOL_IP, UdpSocket.IP_TOS, tos)
                    : ControlMessage.write32(
                            controls.buffer(), at + length, UdpSocket.SOL_IPV6, UdpSocket.IPV6_TCLASS, tos);
        }
        if (ttl != 0) {
            length += ipv4
                    ? ControlMessage.write32(controls.buffer(), at + length, UdpSocket.SOL_IP, UdpSocket.IP_TTL, ttl)
                    : ControlMessage.write32(
                            controls.buffer(), at + length, UdpSocket.SOL_IPV6, UdpSocket.IPV6_HOPLIMIT, ttl);
        }
        return length + messages.destination(message).writeSource(controls.buffer(), at + length);
    }
}
