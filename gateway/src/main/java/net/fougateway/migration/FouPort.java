package net.fougateway.migration;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.Optional;
import net.fougateway.codec.Ip;

/**
 * A UDP port that the kernel opened for FOU or GUE.
 *
 * @param protocol the inner IP protocol of a FOU port; 0 for GUE
 * @param local address that it is bound to
 * @param device interface that it is bound to; empty for any
 * @param connected true when it hears one sender only
 */
record FouPort(int port, int protocol, boolean ipv4, Optional<InetAddress> local, String device, boolean connected) {

    /** From an object of {@code ip -j fou show}. */
    static FouPort of(IpJson json) {
        return new FouPort(
                json.number("port"),
                json.has("gue") ? 0 : json.number("ipproto"),
                !json.text("family").equals("inet6"),
                json.address("local"),
                json.text("dev"),
                json.has("peer"));
    }

    /** True for GUE. */
    boolean isGue() {
        return protocol == 0;
    }

    /** False when the gateway has nothing like it. */
    boolean isKnown() {
        return !connected && (isGue() || protocol == Ip.IPIP || protocol == Ip.IPV6 || protocol == Ip.GRE);
    }

    /** The same in either family. */
    boolean isTwinOf(FouPort other) {
        return equals(new FouPort(other.port, other.protocol, !other.ipv4, other.local, other.device, other.connected));
    }

    /** What follows {@code ip fou add} or {@code ip fou del}. */
    @Override
    public String toString() {
        return (ipv4 ? "" : "-6 ") + "port " + port + (isGue() ? " gue" : " ipproto " + protocol)
                + local.map(address -> " local " + NetUtil.toAddressString(address))
                        .orElse("")
                + (device.isEmpty() ? "" : " dev " + device);
    }
}
