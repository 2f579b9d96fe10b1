package net.fougateway.path;

import java.nio.ByteBuffer;
import net.fougateway.capture.Border;
import net.fougateway.codec.Cut;
import net.fougateway.codec.DropReason;
import net.fougateway.codec.Encapsulation;
import net.fougateway.codec.FlowHash;
import net.fougateway.codec.Fragmentation;
import net.fougateway.codec.InnerPacket;
import net.fougateway.codec.Ip;
import net.fougateway.codec.Whole;
import net.fougateway.linux.Errno;
import net.fougateway.linux.NativeMemory;
import net.fougateway.metrics.OffloadState;
import net.fougateway.udp.OutgoingMessages;
import net.fougateway.udp.SendBatch;

/**
 * The datagrams of a batch, until they are sent: writes the headers of their pieces, puts them into a {@link SendBatch}, and keeps the books
 * on what became of each. Belongs to one worker.
 */
final class Outbox {

    private static final int HEADERS_BYTES = 512 << 10;
    private static final int MAX_FRAGMENTS = 200;
    private static final int FRAGMENT_ROOM =
            Encapsulation.MAX_HEADER_BYTES + Fragmentation.MAX_HEADER_BYTES + Cut.SLACK_BYTES;
    private static final int FRAGMENTS_ROOM = Ip.MAX_PACKET_BYTES + MAX_FRAGMENTS * FRAGMENT_ROOM;

    private final SendBatch datagrams;
    private final OutgoingMessages messages;
    private final FlowHash flowHash;
    private final OffloadState gso;
    private final Books books;
    private final InnerPacket writtenOut;
    private final NativeMemory headers = NativeMemory.allocate(HEADERS_BYTES);
    private int usedHeaders;
    private PeerEndpoint[] endpoints;

    /**
     * An empty outbox.
     *
     * @param flowHash chooses the source ports
     * @param gso whether {@code UDP_SEGMENT} is used
     * @param writtenOut holds what is written out: IP packets, or Ethernet frames
     */
    Outbox(SendBatch datagrams, FlowHash flowHash, OffloadState gso, Books books, InnerPacket writtenOut) {
        this.datagrams = datagrams;
        messages = datagrams.messages();
        this.flowHash = flowHash;
        this.gso = gso;
        this.books = books;
        this.writtenOut = writtenOut;
    }

    /** Goes on with other peers; while it is empty. */
    void use(PeerEndpoint... byIndex) {
        endpoints = byIndex;
    }

    /** Forgets all datagrams, unsent and uncounted. */
    void clear() {
        datagrams.clear();
        usedHeaders = 0;
    }

    /**
     * Adds the pieces of a packet, which go where the packet goes. What they borrow must stay untouched until {@link #flush}.
     *
     * @param payloadAddress address of the memory that their payload lies in
     */
    void add(Outgoing packet, Cut cut, long payloadAddress) {
        if (cut instanceof Whole whole) {
            addAsItLies(packet, whole, payloadAddress);
        } else {
            addPieces(packet, cut, payloadAddress);
        }
    }

    /** The encapsulation goes in front of the packet, where the batch has room for it. */
    private void addAsItLies(Outgoing packet, Whole whole, long address) {
        if (datagrams.room() == 0) {
            flush();
        }
        select(packet);
        int at = whole.payloadOffset(0);
        int encapsulation = packet.encapsulate(whole, 0, packet.packet().buffer(), at);
        datagrams.add(encapsulation, address + at - encapsulation, encapsulation + whole.payloadLength(0), 0, 0);
    }

    private void addPieces(Outgoing packet, Cut cut, long payloadAddress) {
        int encapsulationRoom = packet.to().encapsulationBytes();
        int room = encapsulationRoom + cut.headerBytes() + Cut.SLACK_BYTES;
        for (int i = 0; i < cut.pieces(); i++) {
            boolean full = datagrams.room() == 0 || usedHeaders + room > HEADERS_BYTES;
            if (full) {
                flush();
            }
            if (full || i == 0) {
                select(packet);
            }
            add(packet, cut, i, usedHeaders + encapsulationRoom, payloadAddress);
            usedHeaders += room;
        }
    }

    /** Hash of the flow of a packet. */
    int flowOf(InnerPacket packet) {
        return flowHash.of(packet);
    }

    private void select(Outgoing packet) {
        PeerEndpoint to = packet.to();
        InnerPacket inner = packet.packet();
        boolean another = datagrams.select(
                to.socket(flowHash.of(inner), inner.isIpv4()),
                to.destinationOf(inner.isIpv4()),
                packet.outerAddress(),
                to.outerTtl(inner) << 8 | to.outerTos(inner),
                to.peer().index());
        if (another) {
            datagrams.join(gso.isActive() ? to.maxSegmentBytes() : 0);
        }
    }

    private void add(Outgoing packet, Cut cut, int i, int at, long payloadAddress) {
        cut.writeHeader(i, headers.buffer(), at);
        int encapsulation = packet.encapsulate(cut, i, headers.buffer(), at);
        datagrams.add(
                encapsulation,
                headers.address() + at - encapsulation,
                encapsulation + cut.headerBytes(),
                payloadAddress + cut.payloadOffset(i),
                cut.payloadLength(i));
    }

    /**
     * Writes out a piece in one with its payload, with room for its fragments: the header of a fragment stands in front of payload and of
     * transport header alike.
     *
     * @return the piece, in memory at {@link #address}; valid until the next call or {@link #flush}
     */
    InnerPacket writeOut(Cut cut, int i, ByteBuffer payload) {
        if (datagrams.room() < MAX_FRAGMENTS || usedHeaders + FRAGMENTS_ROOM > HEADERS_BYTES) {
            flush();
        }
        int headerBytes = cut.headerBytes();
        int bytes = headerBytes + cut.payloadLength(i);
        cut.writeHeader(i, headers.buffer(), usedHeaders);
        headers.buffer().put(usedHeaders + headerBytes, payload, cut.payloadOffset(i), cut.payloadLength(i));
        writtenOut.parse(headers.buffer(), usedHeaders, bytes);
        usedHeaders += bytes;
        return writtenOut;
    }

    /** Address of the memory that {@link #writeOut} writes to. */
    long address() {
        return headers.address();
    }

    /** Sends everything, counts what became of it, and is empty then. What was sent before an exception is counted, too. */
    void flush() {
        try {
            datagrams.send();
        } finally {
            account();
            clear();
        }
    }

    private void account() {
        for (int message = 0; message < messages.messages(); message++) {
            int errno = messages.errno(message);
            if (errno == 0) {
                books.forwarded(messages.tag(message), messages.segments(message), messages.innerBytes(message));
            } else if (messages.isApart(message)) {
                accountApart(message);
            } else if (errno != OutgoingMessages.UNSENT) {
                books.refused(errno);
                dropAll(message, errno);
            }
        }
    }

    private void dropAll(int message, int errno) {
        for (int datagram = messages.firstDatagram(message);
                datagram != OutgoingMessages.NONE;
                datagram = messages.nextDatagram(datagram)) {
            drop(message, datagram, errno);
        }
    }

    private void accountApart(int message) {
        boolean fullSizeTaken = false;
        for (int datagram = messages.firstDatagram(message);
                datagram != OutgoingMessages.NONE;
                datagram = messages.nextDatagram(datagram)) {
            int errno = messages.errnoAlone(datagram);
            if (errno == 0) {
                books.forwarded(messages.tag(message), 1, innerBytes(datagram));
                fullSizeTaken |= messages.bytes(datagram) == messages.segmentBytes(message);
            } else if (errno != OutgoingMessages.UNSENT) {
                books.refused(errno);
                drop(message, datagram, errno);
            }
        }
        if (fullSizeTaken) {
            endpoints[messages.tag(message)].refuseSegments(messages.errno(message));
        }
    }

    private int innerBytes(int datagram) {
        return messages.bytes(datagram) - messages.encapsulationLength(datagram);
    }

    private void drop(int message, int datagram, int errno) {
        DropReason reason = reasonOf(errno);
        if (reason == DropReason.PKT_TOO_BIG) {
            endpoints[messages.tag(message)].pathMtu().refused();
        } else if (Errno.isUnreachable(errno)) {
            endpoints[messages.tag(message)].unreachable();
        }
        books.dropped(reason, 1, innerBytes(datagram));
        if (books.shows(reason)) {
            show(datagram, reason);
        }
    }

    private void show(int datagram, DropReason reason) {
        int encapsulation = messages.encapsulationLength(datagram);
        books.show(messages.headerAddress(datagram) + encapsulation, messages.headerLength(datagram) - encapsulation);
        books.showMore(messages.payloadAddress(datagram), messages.payloadLength(datagram));
        books.shown(Border.TUN, reason);
    }

    private static DropReason reasonOf(int errno) {
        if (Errno.EAGAIN.is(errno) || Errno.ENOBUFS.is(errno)) {
            return DropReason.SOCKET_SNDBUF;
        }
        return Errno.EMSGSIZE.is(errno) ? DropReason.PKT_TOO_BIG : DropReason.SEND_FAILED;
    }
}
