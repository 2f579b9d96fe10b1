package net.fougateway.linux;

/**
 * A rule of the routing policy database that sends some packets to a table. What it says nothing of is 0, or empty.
 *
 * @param ipv4 false for IPv6
 * @param priority rules with less come first; the main table has 32766
 * @param unmarked a mark that packets must <em>not</em> have
 * @param udpSourcePort of the UDP datagrams that it is for
 * @param table where they are looked up
 * @param leastLength shortest prefix that counts there: of a route to a shorter one the rule does as if it were not there
 */
public record Rule(boolean ipv4, int priority, int unmarked, int udpSourcePort, int table, int leastLength) {

    /** As {@code ip} takes it, behind {@code ip} or {@code ip -6} and {@code rule add}. */
    @Override
    public String toString() {
        return "priority " + priority
                + (unmarked == 0 ? "" : " not fwmark " + Integer.toUnsignedString(unmarked))
                + (udpSourcePort == 0 ? "" : " ipproto udp sport " + udpSourcePort)
                + " lookup "
                + (table == RouteMessage.RT_TABLE_MAIN ? "main" : Integer.toUnsignedString(table))
                + (leastLength == 0 ? "" : " suppress_prefixlength " + (leastLength - 1));
    }
}
