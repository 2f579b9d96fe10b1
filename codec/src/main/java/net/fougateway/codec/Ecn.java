package net.fougateway.codec;

/** Explicit congestion notification across a tunnel, as RFC 6040 says. Values are the two low bits of TOS or traffic class. */
public final class Ecn {

    /** Not ECN-capable. */
    public static final int NOT_ECT = 0;
    /** ECN-capable, ECT(1). */
    public static final int ECT_1 = 1;
    /** ECN-capable, ECT(0). */
    public static final int ECT_0 = 2;
    /** Congestion experienced. */
    public static final int CE = 3;
    /** Answer of {@link #decapsulated}: the packet must be dropped. */
    public static final int DROP = -1;

    /** Rows: inner; columns: outer Not-ECT, ECT(1), ECT(0), CE (RFC 6040 figure 4). */
    private static final byte[] DECAPSULATED = {
        NOT_ECT, NOT_ECT, NOT_ECT, DROP,
        ECT_1, ECT_1, ECT_1, CE,
        ECT_0, ECT_1, ECT_0, CE,
        CE, CE, CE, CE
    };

    private Ecn() {}

    /** Outer TOS for an inner one: the given DSCP, and the inner ECN (RFC 6040 section 4.1, normal mode). */
    public static int encapsulated(int dscpAsTos, int innerTos) {
        return (dscpAsTos & ~3) | (innerTos & 3);
    }

    /** Inner ECN after decapsulation (RFC 6040 section 4.2), or {@link #DROP}. */
    public static int decapsulated(int innerTos, int outerTos) {
        return DECAPSULATED[(innerTos & 3) << 2 | (outerTos & 3)];
    }
}
