package net.fougateway.plan;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.RouteInfo;

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
    public RouteInfo route(InetAddress to, Optional<InetAddress> from) throws LinuxException {
        return new RouteInfo(2, "eth0", pathMtuBytes, pathMtuBytes, Optional.empty(), Optional.empty(), false, false);
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
