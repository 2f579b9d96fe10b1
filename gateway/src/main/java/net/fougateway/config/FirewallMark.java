package net.fougateway.config;

/** A mark of datagrams by which rules of the host know them. */
public record FirewallMark(long number) {

    /** None. */
    public static final FirewallMark OFF = new FirewallMark(-1);
    /** The number of the first port that is listened on, where one is needed. */
    public static final FirewallMark AUTO = new FirewallMark(0);

    /** True for a mark that all datagrams have, whether it is needed or not. */
    public boolean isFixed() {
        return number > 0;
    }

    @Override
    public String toString() {
        return equals(OFF) ? "off" : equals(AUTO) ? "auto" : Long.toString(number);
    }
}
