package net.fougateway.tun;

import net.fougateway.codec.EthernetFrame;
import net.fougateway.codec.IcmpError;
import net.fougateway.codec.InnerPacket;
import net.fougateway.codec.VirtioNetHeader;
import net.fougateway.linux.NativeMemory;
import net.fougateway.linux.Sockets;

/** An ICMP or ICMPv6 error on its way into the TUN device, to the sender of an inner packet. Belongs to one worker. */
public final class IcmpMessage {

    private final NativeMemory packet =
            NativeMemory.allocate(VirtioNetHeader.BYTES + EthernetFrame.MAX_HEADER_BYTES + IcmpError.MAX_BYTES);
    private final NativeMemory iovec = NativeMemory.allocate(Sockets.IOVEC_BYTES);

    /** An empty message. */
    public IcmpMessage() {
        VirtioNetHeader.writePlain(packet.buffer(), 0);
        iovec.buffer().putLong(0, packet.address());
    }

    /**
     * Prepares an error.
     *
     * @param mtuBytes for {@link IcmpError.Kind#TOO_BIG}: largest packet that the sender may send
     * @param about the inner packet, whole or as it was quoted
     * @return false when none may be sent about this packet
     */
    public boolean prepare(IcmpError.Kind kind, int mtuBytes, InnerPacket about) {
        int header = VirtioNetHeader.BYTES + about.writeLinkHeaderOfAnswer(packet.buffer(), VirtioNetHeader.BYTES);
        int length = IcmpError.write(kind, mtuBytes, about, packet.buffer(), header);
        iovec.buffer().putLong(Long.BYTES, header + length);
        return length > 0;
    }

    /** Writes it at once; returns 0 or the error number. */
    public int write(TunQueue queue) {
        return Math.max(-queue.writev(iovec.address(), 1), 0);
    }
}
