package net.fougateway.plan;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.RouteInfo;
import net.fougateway.route.Underlay;

/** The host, asked for each route once: a plan needs it for several ends, and thousands of peers are thousands of questions. */
final class RememberedRoutes implements HostLookups {

    private final HostLookups host;
    private final Map<Way, Answer> answers = new HashMap<>();

    private record Way(InetAddress to, Underlay from) {}

    /** One of the two is null. */
    private record Answer(RouteInfo route, LinuxException refusal) {}

    RememberedRoutes(HostLookups host) {
        this.host = host;
    }

    @Override
    public List<InetAddress> addresses(String name) {
        return host.addresses(name);
    }

    @Override
    public RouteInfo route(InetAddress to, Underlay from) throws LinuxException {
        Answer answer = answers.computeIfAbsent(new Way(to, from), this::ask);
        if (answer.refusal() != null) {
            throw answer.refusal();
        }
        return answer.route();
    }

    private Answer ask(Way way) {
        try {
            return new Answer(host.route(way.to(), way.from()), null);
        } catch (LinuxException refusal) {
            return new Answer(null, refusal);
        }
    }

    @Override
    public OptionalInt mtuAround(InetAddress to, String device) {
        return host.mtuAround(to, device);
    }

    @Override
    public boolean hasRules() {
        return host.hasRules();
    }

    @Override
    public boolean isFamilySupported(InetAddress address) {
        return host.isFamilySupported(address);
    }

    @Override
    public int processors() {
        return host.processors();
    }
}
