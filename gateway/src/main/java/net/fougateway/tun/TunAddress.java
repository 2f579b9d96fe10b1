package net.fougateway.tun;

import java.net.SocketAddress;

/** A TUN device by its name, as the address of a channel. */
public final class TunAddress extends SocketAddress {

    private static final long serialVersionUID = 1L;

    private final String device;

    /** The address of {@code device}. */
    public TunAddress(String device) {
        this.device = device;
    }

    @Override
    public String toString() {
        return "tun:" + device;
    }
}
