package net.fougateway.path;

import java.nio.ByteBuffer;
import net.fougateway.codec.Copy;
import net.fougateway.codec.Cut;
import net.fougateway.codec.DropReason;
import net.fougateway.codec.EmbeddedAddress;
import net.fougateway.codec.Encapsulation;
import net.fougateway.codec.Encapsulator;
import net.fougateway.codec.InnerPacket;
import net.fougateway.codec.MssClamp;
import net.fougateway.codec.Segmentation;
import net.fougateway.codec.VirtioNetHeader;
import net.fougateway.codec.Whole;
import net.fougateway.tun.ReadBatch;

/**
 * The packet in hand on its way out: what the TUN device gave, where it goes, and in which pieces. One object serves packet after packet
 * and borrows the memory of the batch. Belongs to one worker.
 */
final class Outgoing {

    private final InnerPacket packet;
    private final Whole whole = new Whole();
    private final Copy copy = new Copy();
    private final Segmentation segmentation = new Segmentation();
    private final Encapsulator encapsulator = new Encapsulator();
    private ByteBuffer virtio;
    private int virtioHeader;
    private long dataAddress;
    private Cut cut = whole;
    private int wirePackets;
    private int wireBytes;
    private PeerEndpoint to;
    private long outerAddress;

    /** Holds what the device gives as {@code packet}: IP packets, or Ethernet frames. */
    Outgoing(InnerPacket packet) {
        this.packet = packet;
    }

    /** Takes a packet of a batch in hand; returns why it cannot be forwarded, or {@code null}. */
    DropReason take(ReadBatch batch, int index) {
        virtio = batch.data();
        virtioHeader = batch.virtioHeader(index);
        dataAddress = batch.dataAddress();
        countAs(1, batch.length(index));
        DropReason verdict = packet.parse(virtio, batch.offset(index), batch.length(index));
        return verdict == null ? findCut() : verdict;
    }

    private DropReason findCut() {
        countAs(1, packet.frameBytes());
        if (VirtioNetHeader.gsoType(virtio, virtioHeader) == VirtioNetHeader.GSO_NONE) {
            whole.begin(packet);
            cut = whole;
            return null;
        }
        DropReason verdict = segmentation.begin(packet, virtio, virtioHeader);
        if (verdict == null) {
            cut = segmentation;
            countAs(cut.pieces(), cut.totalBytes());
        }
        return verdict;
    }

    private void countAs(int packets, int bytes) {
        wirePackets = packets;
        wireBytes = bytes;
    }

    /** Addresses it to a peer; false when that is at no address for it. */
    boolean address(PeerEndpoint peer) {
        to = peer;
        outerAddress = peer.outerAddress(packet);
        return outerAddress != EmbeddedAddress.NONE;
    }

    /** Tells a TCP connection that it begins a segment size that fits the path. */
    void clampMss() {
        MssClamp.clamp(packet, to.innerMtuBytes() - packet.linkBytes(), needsChecksum());
    }

    /** Makes it ready to leave as it was given; returns why it cannot, or {@code null}. Does what the kernel left to the device. */
    DropReason prepare() {
        Encapsulation encapsulation = to.peer().encapsulation();
        encapsulator.begin(encapsulation, packet);
        if (cut == whole) {
            return needsChecksum() ? finishChecksum(encapsulation) : null;
        }
        if (cut == segmentation) {
            segmentation.leaveChecksums(encapsulation.leavesChecksums());
            if (encapsulation.leavesChecksums()) {
                encapsulator.leaveChecksum(segmentation.checksumStart(), segmentation.checksumField());
            }
        }
        return null;
    }

    /** Makes it ready to leave several times from the same memory; returns why it cannot, or {@code null}. */
    DropReason multiply() {
        if (cut != whole) {
            return null;
        }
        DropReason verdict = needsChecksum() ? completeChecksum() : null;
        VirtioNetHeader.writePlain(virtio, virtioHeader);
        copy.begin(packet);
        cut = copy;
        return verdict;
    }

    /** Begins one of several copies. */
    void countAnew() {
        countAs(cut.pieces(), cut.totalBytes());
    }

    /** Notes that all copies are counted. */
    void countNoMore() {
        countAs(0, 0);
    }

    /** Makes it ready to be cut into fragments, which {@link #recount} tells of; returns why it cannot, or {@code null}. */
    DropReason prepareForFragments() {
        encapsulator.begin(to.peer().encapsulation(), packet);
        DropReason verdict = cut == whole && needsChecksum() ? completeChecksum() : null;
        if (verdict == null) {
            countAs(0, 0);
        }
        return verdict;
    }

    /** Counts what it, or a part of it, is cut into. */
    void recount(Cut fragments) {
        countAs(wirePackets + fragments.pieces(), wireBytes + fragments.totalBytes());
    }

    private boolean needsChecksum() {
        return VirtioNetHeader.needsChecksum(virtio, virtioHeader);
    }

    /** Finishes it, or notes where the receiver has to do it. */
    private DropReason finishChecksum(Encapsulation encapsulation) {
        if (!encapsulation.leavesChecksums()) {
            return completeChecksum();
        }
        int start = VirtioNetHeader.checksumStart(virtio, virtioHeader);
        int field = start + VirtioNetHeader.checksumOffset(virtio, virtioHeader);
        encapsulator.leaveChecksum(start, field);
        return packet.frameOffset() + field + 2 > packet.end() ? DropReason.IP_INHDR : null;
    }

    private DropReason completeChecksum() {
        return Segmentation.completeChecksum(
                packet,
                VirtioNetHeader.checksumStart(virtio, virtioHeader),
                VirtioNetHeader.checksumOffset(virtio, virtioHeader));
    }

    /** Writes the encapsulation in front of a piece that ends the header at {@code end}; returns its length in bytes. */
    int encapsulate(Cut pieces, int i, ByteBuffer out, int end) {
        long sum = to.peer().encapsulation().hasGreChecksum() ? pieces.sum(i, out, end) : 0;
        return encapsulator.write(out, end, to.nextSequence(), sum);
    }

    /** The packet that the TUN device gave. */
    InnerPacket packet() {
        return packet;
    }

    /** How it leaves: whole, as a copy, or cut into segments. */
    Cut cut() {
        return cut;
    }

    /** Length of its longest piece, as the tunnel carries it. */
    int largestBytes() {
        return cut == segmentation ? segmentation.largestBytes() : packet.frameBytes();
    }

    /** Address of the memory behind {@code packet().buffer()}. */
    long dataAddress() {
        return dataAddress;
    }

    /** Packets on the wire that it counts as. */
    int wirePackets() {
        return wirePackets;
    }

    /** Bytes on the wire that it counts as. */
    int wireBytes() {
        return wireBytes;
    }

    /** The peer that it goes to. */
    PeerEndpoint to() {
        return to;
    }

    /** Where that is, see {@link PeerEndpoint#outerAddress}. */
    long outerAddress() {
        return outerAddress;
    }
}
