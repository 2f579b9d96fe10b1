package net.fougateway.plan;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.RouteInfo;
import net.fougateway.route.Peers;
import net.fougateway.route.Underlay;

/** A host on which every address is behind one route. */
public class FakeHost implements HostLookups {

    private final int pathMtuBytes;

    /** One whose paths take packets of so many bytes. */
    public FakeHost(int pathMtuBytes) {
        this.pathMtuBytes = pathMtuBytes;
    }

    @Override
    public List<InetAddress> addresses(String name) {
        return List.of();
    }

    @Override
    public RouteInfo route(InetAddress to, Underlay from) throws LinuxException {
        InetAddress source = Peers.address(to instanceof Inet4Address ? "192.0.2.1" : "2001:db8::1");
        return new RouteInfo(
                2, "eth0", pathMtuBytes, pathMtuBytes, Optional.of(source), Optional.empty(), false, false);
    }

    @Override
    public OptionalInt mtuAround(InetAddress to, String device) {
        return OptionalInt.empty();
    }

    @Override
    public boolean hasRules() {
        return true;
    }

    @Override
    public boolean isFamilySupported(InetAddress address) {
        return true;
    }

    @Override
    public int processors() {
        return 2;
    }
}
