package net.fougateway.route;

import java.util.Arrays;
import java.util.List;

/**
 * Peers that share a prefix (ECMP): each flow goes to one of them, by weight. By rendezvous hashing (Thaler and Ravishankar, 1998): of a peer
 * that goes only its own flows move, and they spread over all others. Immutable.
 */
public final class PeerGroup {

    private static final int SLOT_BITS = 12;
    private static final int SLOTS = 1 << SLOT_BITS;
    private static final int MIXER = 0x9E3779B9;

    private final int[] peers;
    private final byte[] legBySlot = new byte[SLOTS];

    /**
     * One of the peers.
     *
     * @param name by which it keeps its flows when others come and go
     * @param peer its index
     * @param weight 1 to 256, its share of the flows to that of the others
     */
    public record Leg(String name, int peer, int weight) {}

    /** A group of 1 to 256 legs. */
    public PeerGroup(List<Leg> legs) {
        peers = legs.stream().mapToInt(Leg::peer).toArray();
        long[] keys = legs.stream().mapToLong(leg -> key(leg.name())).toArray();
        for (int slot = 0; slot < SLOTS; slot++) {
            legBySlot[slot] = (byte) best(slot, legs, keys);
        }
    }

    private static int best(int slot, List<Leg> legs, long... keys) {
        int best = 0;
        double bestScore = 0;
        for (int leg = 0; leg < keys.length; leg++) {
            double score = legs.get(leg).weight() / -Math.log(fraction(mix(keys[leg] + slot)));
            if (score > bestScore) {
                best = leg;
                bestScore = score;
            }
        }
        return best;
    }

    private static long key(String name) {
        long key = 0;
        for (int i = 0; i < name.length(); i++) {
            key = mix(key + name.charAt(i));
        }
        return key;
    }

    /** The finisher of SplitMix64. */
    private static long mix(long value) {
        long mixed = value + 0x9E3779B97F4A7C15L;
        mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }

    /** Between 0 and 1, neither included. */
    private static double fraction(long bits) {
        return ((bits >>> 11) + 0.5) * 0x1p-53;
    }

    /** Index of the peer that a flow goes to. The hash is mixed once more, because its first bits choose the source port. */
    int peer(int flowHash) {
        return peers[legBySlot[(flowHash * MIXER) >>> (Integer.SIZE - SLOT_BITS)] & 0xff];
    }

    /** Number of peers. */
    int size() {
        return peers.length;
    }

    /** Index of one of the peers. */
    int get(int leg) {
        return peers[leg];
    }

    @Override
    public String toString() {
        return Arrays.toString(peers);
    }
}
