package net.fougateway.codec;

import java.nio.ByteBuffer;

/** A received VXLAN header (RFC 7348). One object serves header after header. */
public final class VxlanHeader {

    private static final int VNI_RESERVED = 0xff;

    private int vni;

    /**
     * Takes the header at {@code offset} apart. As in the kernel's {@code vxlan_rcv} a reserved bit that is set is refused, against section
     * 5 of the RFC: who sets it speaks one of the extensions, and what follows may be no Ethernet.
     *
     * @param length bytes from the header to the end of the datagram
     * @return {@code null} when the header is well formed, otherwise why it is not
     */
    DropReason parse(ByteBuffer buffer, int offset, int length) {
        if (length < Vxlan.HEADER_BYTES) {
            return DropReason.PKT_TOO_SMALL;
        }
        int second = Bytes.i32(buffer, offset + Integer.BYTES);
        vni = second >>> Vxlan.VNI_SHIFT;
        boolean plain = Bytes.i32(buffer, offset) == Vxlan.FLAGS && (second & VNI_RESERVED) == 0;
        return plain ? null : DropReason.VXLAN_FLAGS;
    }

    /** The VXLAN network identifier. */
    public int vni() {
        return vni;
    }
}
