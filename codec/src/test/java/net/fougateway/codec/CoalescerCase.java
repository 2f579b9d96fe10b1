package net.fougateway.codec;

/** Packets that can be joined, of IPv4 or of IPv6. */
class CoalescerCase {

    static final int SIZE = 100;

    final boolean ipv4;

    CoalescerCase(boolean ipv4) {
        this.ipv4 = ipv4;
    }

    /** TCP segment {@code number} of a flow that sends segments of equal size. */
    PacketBuilder tcp(int number) {
        return PacketBuilder.ip(ipv4)
                .tcp(1000, 443)
                .id(500 + number)
                .sequence(0xffff_ff80 + number * SIZE)
                .payload(SIZE);
    }

    PacketBuilder udp(int number) {
        return PacketBuilder.ip(ipv4).udp(1000, 443).id(500 + number).payload(SIZE);
    }
}
