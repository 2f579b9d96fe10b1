package net.fougateway.host;

import java.util.Optional;

/**
 * What a TUN device needs from the host before packets reach it.
 *
 * @param device name of the existing device
 * @param mtuBytes MTU of the device
 * @param unicastOnly whether the host shall keep its own multicast (router solicitations, group reports) out of the device
 * @param adopting whether addresses and routes that are there already are the gateway's own, left by an earlier one
 * @param txQueueLengthPackets transmit queue length of the device
 * @param tunnel what is routed into the device
 * @param detour how outer packets pass by it
 * @param bridge that it becomes a port of, empty for none
 */
public record LinkSettings(
        String device,
        int mtuBytes,
        boolean unicastOnly,
        boolean adopting,
        int txQueueLengthPackets,
        TunnelRoutes tunnel,
        Detour detour,
        Optional<String> bridge) {

    /** The same for one that takes the place of a gateway that runs: what is there is its own. */
    public LinkSettings adoptingAll() {
        return new LinkSettings(device, mtuBytes, unicastOnly, true, txQueueLengthPackets, tunnel, detour, bridge);
    }
}
