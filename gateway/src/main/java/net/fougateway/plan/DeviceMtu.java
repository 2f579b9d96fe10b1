package net.fougateway.plan;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import net.fougateway.codec.Encapsulation;
import net.fougateway.codec.Fou;
import net.fougateway.codec.Ip;
import net.fougateway.codec.Overhead;
import net.fougateway.config.GatewayConfig;
import net.fougateway.route.Peer;

/**
 * The MTU of the device.
 *
 * @param bytes the MTU
 * @param explanation for people: {@code 1472 (1500 − 20 − 8)}
 */
public record DeviceMtu(int bytes, String explanation) {

    private static final int DEFAULT_PATH_MTU_BYTES = 1500;

    /**
     * The configured MTU, or the largest that fits the path to every peer; but where the tunnel carries IPv6 not less than 1280, which IPv6
     * needs (RFC 8200 section 5): what is larger than the path is then fragmented outside the tunnel.
     */
    public static DeviceMtu of(GatewayConfig.Device device, List<Peer> peers) {
        if (device.mtuBytes() != GatewayConfig.AUTO) {
            return new DeviceMtu(device.mtuBytes(), device.mtuBytes() + " (configured)");
        }
        DeviceMtu fitting = fitting(peers);
        boolean ipv6 = Stream.concat(
                        device.address().stream(), peers.stream().flatMap(peer -> peer.allowedIps().stream()))
                .anyMatch(prefix -> !prefix.isIpv4());
        return ipv6 && fitting.bytes < Ip.V6_MIN_MTU_BYTES
                ? new DeviceMtu(
                        Ip.V6_MIN_MTU_BYTES,
                        "%d, which IPv6 needs, although the path takes %s"
                                .formatted(Ip.V6_MIN_MTU_BYTES, fitting.explanation))
                : fitting;
    }

    private static DeviceMtu fitting(List<Peer> peers) {
        return peers.stream()
                .min(Comparator.comparingInt(Peer::innerMtuBytes))
                .map(peer -> underlay(
                        peer.pathMtuBytes(),
                        peer.isIpv4Underlay(),
                        peer.encapsulation(),
                        peer.frames().linkBytes()))
                .orElseGet(() -> underlay(DEFAULT_PATH_MTU_BYTES, true, Fou.PLAIN, 0));
    }

    private static DeviceMtu underlay(int pathMtuBytes, boolean ipv4, Encapsulation encapsulation, int linkBytes) {
        return new DeviceMtu(
                Overhead.innerMtuBytes(pathMtuBytes, ipv4, encapsulation) - linkBytes,
                Overhead.explain(pathMtuBytes, ipv4, encapsulation, linkBytes));
    }
}
