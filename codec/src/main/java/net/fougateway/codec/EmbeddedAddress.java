package net.fougateway.codec;

/**
 * How the outer IPv4 address of a site is found inside the IPv6 addresses behind it: 6to4 (RFC 3056), 6rd (RFC 5969) and ISATAP
 * (RFC 5214), with the arithmetic of the kernel's {@code sit}.
 *
 * @param isatap whether the address is the interface identifier of ISATAP; the rest then means nothing
 * @param prefix high half of the IPv6 prefix
 * @param prefixBits length of the IPv6 prefix
 * @param relayPrefix bits of the IPv4 address that all sites have in common, and that are not embedded
 * @param relayPrefixBits how many these are
 */
public record EmbeddedAddress(boolean isatap, long prefix, int prefixBits, int relayPrefix, int relayPrefixBits) {

    /** 6to4: the 32 bits behind 2002::/16. */
    public static final EmbeddedAddress SIX_TO_FOUR = new EmbeddedAddress(false, 0x2002L << 48, 16, 0, 0);
    /** ISATAP: the low 32 bits of interface identifiers 0:5efe:a.b.c.d and 200:5efe:a.b.c.d, under any prefix. */
    public static final EmbeddedAddress ISATAP = new EmbeddedAddress(true, 0, 0, 0, 0);
    /** Answer of {@link #of}: there is no address of one machine. */
    public static final long NONE = -1;

    private static final int ISATAP_IDENTIFIER = 0x5efe;
    private static final int UNIVERSAL_BIT = 0x02000000;
    private static final long LOOPBACK = 127;
    private static final long FIRST_MULTICAST = 224;
    private static final long LOW_HALF = 0xffffffffL;

    /** 6rd with the given prefixes, whose host bits must be clear, and which leave the embedded bits in the high half. */
    public static EmbeddedAddress sixRapidDeployment(
            long prefix, int prefixBits, int relayPrefix, int relayPrefixBits) {
        return new EmbeddedAddress(false, prefix, prefixBits, relayPrefix, relayPrefixBits);
    }

    /** True when addresses like this one have an IPv4 address in them. */
    public boolean covers(long high, long low) {
        if (isatap) {
            return ((int) (low >>> 32) & ~UNIVERSAL_BIT) == ISATAP_IDENTIFIER;
        }
        return prefixBits == 0 || (high ^ prefix) >>> (Long.SIZE - prefixBits) == 0;
    }

    /**
     * The IPv4 address in an IPv6 address, in the low 32 bits; {@link #NONE} where there is none, or one that no single machine can
     * have: loopback, multicast, broadcast, 0.0.0.0/8.
     */
    public long of(long high, long low) {
        if (!covers(high, low)) {
            return NONE;
        }
        long address = isatap ? low & LOW_HALF : embedded(high);
        long first = address >>> 24;
        return first == 0 || first == LOOPBACK || first >= FIRST_MULTICAST ? NONE : address;
    }

    private long embedded(long high) {
        int bits = Integer.SIZE - relayPrefixBits;
        long site = bits == 0 ? 0 : high << prefixBits >>> (Long.SIZE - bits);
        return (relayPrefix & LOW_HALF) | site;
    }

    /** For people: {@code 6to4}, {@code isatap}, or {@code 6rd}. */
    @Override
    public String toString() {
        if (isatap) {
            return "isatap";
        }
        return equals(SIX_TO_FOUR) ? "6to4" : "6rd";
    }
}
