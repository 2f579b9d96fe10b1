package net.fougateway.route;

import java.net.InetAddress;
import java.util.Optional;

/**
 * How datagrams to a peer leave this host, as far as the host does not choose.
 *
 * @param local source address, empty for the kernel's choice
 * @param device the only interface or VRF to leave and arrive by ({@code SO_BINDTODEVICE}); empty for any
 * @param mark of the datagrams, by which rules know them ({@code SO_MARK}); 0 for none
 */
public record Underlay(Optional<InetAddress> local, String device, int mark) {

    /** As the host chooses. */
    public static final Underlay ANY = new Underlay(Optional.empty(), "", 0);

    /** From a source address, else as the host chooses; null for none. */
    public static Underlay from(InetAddress local) {
        return new Underlay(Optional.ofNullable(local), "", 0);
    }

    /** The same with a mark. */
    public Underlay marked(int other) {
        return new Underlay(local, device, other);
    }
}
