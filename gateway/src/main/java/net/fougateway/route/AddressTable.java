package net.fougateway.route;

import java.net.Inet4Address;
import java.net.InetAddress;

/** A hash table from IP addresses to numbers. It is filled by one thread, and then only read. */
public final class AddressTable {

    /** Answer for an address that is not in it. */
    public static final int NONE = PairTable.NONE;

    private final PairTable ipv4 = new PairTable();
    private final PairTable ipv6 = new PairTable();

    /** Notes a value of 0 or more, unless there is one already. */
    public void putIfAbsent(InetAddress address, int value) {
        PairTable table = address instanceof Inet4Address ? ipv4 : ipv6;
        table.putIfAbsent(AddressBits.high(address), AddressBits.low(address), value);
    }

    /**
     * The value of an address, or {@link #NONE}.
     *
     * @param high IPv4 address in the low 32 bits, or high half of IPv6
     * @param low 0, or low half of IPv6
     */
    public int get(boolean isIpv4, long high, long low) {
        return isIpv4 ? ipv4.get(high, 0) : ipv6.get(high, low);
    }

    /** The value of an address, or {@link #NONE}. */
    public int get(InetAddress address) {
        return get(address instanceof Inet4Address, AddressBits.high(address), AddressBits.low(address));
    }
}
