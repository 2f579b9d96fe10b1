package net.fougateway.route;

import java.util.List;
import net.fougateway.codec.DropReason;
import net.fougateway.codec.Gre;
import net.fougateway.codec.GreHeader;

/**
 * Decides whether a GRE header has the options that its peer must use, as strictly as the kernel's {@code ip_tunnel_rcv}: an
 * option that is missing is as wrong as one too many, but a sequence number that nobody asked for. One object per worker: a
 * flow never leaves a worker, so numbers of a flow can be compared without looking at other workers.
 */
public final class GreCheck {

    private final Gre[] expected;
    private final int[] nextSequence;

    /** A check against the given peers. */
    public GreCheck(List<Peer> peers) {
        expected = peers.stream().map(Peer::gre).toArray(Gre[]::new);
        nextSequence = new int[expected.length];
    }

    /** {@code null} when a packet of {@code peer} may pass, otherwise why not. */
    public DropReason check(GreHeader header, int peer) {
        Gre gre = expected[peer];
        if (header.hasKey() != gre.keyed() || header.key() != gre.key()) {
            return DropReason.GRE_KEY_MISMATCH;
        }
        if (header.hasChecksum() != gre.checksum()) {
            return DropReason.GRE_CHECKSUM_MISMATCH;
        }
        return gre.sequence() ? checkSequence(header, peer) : null;
    }

    /** Gaps are accepted, old numbers and duplicates are not; an expected 0 stands for "any", as in the kernel. */
    private DropReason checkSequence(GreHeader header, int peer) {
        int next = nextSequence[peer];
        if (!header.hasSequence() || (next != 0 && header.sequence() - next < 0)) {
            return DropReason.GRE_SEQUENCE;
        }
        nextSequence[peer] = header.sequence() + 1;
        return null;
    }
}
