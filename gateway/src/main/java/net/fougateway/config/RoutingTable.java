package net.fougateway.config;

/** A routing table of the kernel by number; {@link #OFF} for none. */
public record RoutingTable(int number) {

    /** None. */
    public static final RoutingTable OFF = new RoutingTable(0);
    /** The one that holds what nobody put elsewhere. */
    public static final RoutingTable MAIN = new RoutingTable(254);

    @Override
    public String toString() {
        return equals(OFF) ? "off" : equals(MAIN) ? "main" : Integer.toUnsignedString(number);
    }
}
