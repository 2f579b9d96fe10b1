package net.fougateway;

import java.util.Comparator;
import java.util.List;
import net.fougateway.codec.Encapsulation;
import net.fougateway.codec.Fou;
import net.fougateway.codec.Overhead;
import net.fougateway.config.GatewayConfig;
import net.fougateway.route.Peer;

/**
 * The MTU of the TUN device.
 *
 * @param bytes the MTU
 * @param explanation for people: {@code 1472 (1500 − 20 − 8)}
 */
public record DeviceMtu(int bytes, String explanation) {

    private static final int DEFAULT_PATH_MTU_BYTES = 1500;

    /** The configured MTU, or the largest that fits the path to every peer. */
    public static DeviceMtu of(GatewayConfig.Device device, List<Peer> peers) {
        if (device.mtuBytes() != GatewayConfig.AUTO) {
            return new DeviceMtu(device.mtuBytes(), device.mtuBytes() + " (configured)");
        }
        return peers.stream()
                .min(Comparator.comparingInt(Peer::innerMtuBytes))
                .map(peer -> underlay(peer.pathMtuBytes(), peer.isIpv4Underlay(), peer.encapsulation()))
                .orElseGet(() -> underlay(DEFAULT_PATH_MTU_BYTES, true, Fou.PLAIN));
    }

    private static DeviceMtu underlay(int pathMtuBytes, boolean ipv4, Encapsulation encapsulation) {
        return new DeviceMtu(
                Overhead.innerMtuBytes(pathMtuBytes, ipv4, encapsulation),
                Overhead.explain(pathMtuBytes, ipv4, encapsulation));
    }
}
