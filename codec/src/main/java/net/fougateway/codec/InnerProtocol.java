package net.fougateway.codec;

/** What a FOU port carries; the kernel's {@code ip fou add … ipproto}. */
public enum InnerProtocol {
    /** IPv4, IPv6 and GRE alike; the first nibble tells which. */
    AUTO("auto", 0),
    IPV4("4", Ip.IPIP),
    IPV6("41", Ip.IPV6),
    GRE("47", Ip.GRE);

    private final String word;
    private final int number;

    InnerProtocol(String word, int number) {
        this.word = word;
        this.number = number;
    }

    /**
     * The constant of an IP protocol number.
     *
     * @param number 4, 41 or 47
     */
    public static InnerProtocol of(int number) {
        return switch (number) {
            case Ip.IPIP -> IPV4;
            case Ip.IPV6 -> IPV6;
            case Ip.GRE -> GRE;
            default -> throw new IllegalArgumentException("no inner protocol: " + number);
        };
    }

    /** IP protocol number; 0 for {@link #AUTO}. */
    public int number() {
        return number;
    }

    /** True when packets of {@code protocol}, an IP protocol number, may come. */
    public boolean takes(int protocol) {
        return this == AUTO || number == protocol;
    }

    /** The word in the configuration. */
    @Override
    public String toString() {
        return word;
    }
}
