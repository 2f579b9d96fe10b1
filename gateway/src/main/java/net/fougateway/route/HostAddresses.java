package net.fougateway.route;

import java.net.InetAddress;
import java.util.Collection;

/** The host's own addresses outside the tunnel, as they were read last. Any thread may use it. */
public final class HostAddresses {

    private volatile AddressTable addresses = new AddressTable();

    /** Takes the addresses that hold now. */
    public void use(Collection<InetAddress> now) {
        AddressTable next = new AddressTable();
        now.forEach(address -> next.putIfAbsent(address, 0));
        addresses = next;
    }

    /**
     * True for one of them.
     *
     * @param high IPv4 address in the low 32 bits, or high half of IPv6
     * @param low 0, or low half of IPv6
     */
    public boolean has(boolean isIpv4, long high, long low) {
        return addresses.get(isIpv4, high, low) != AddressTable.NONE;
    }
}
