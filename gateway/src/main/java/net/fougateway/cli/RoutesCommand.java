package net.fougateway.cli;

import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import net.fougateway.route.Prefix;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fou-gateway routes}: which peer of the running gateway takes which destination. */
@Command(
        name = "routes",
        description = "Show which peer takes which destination; with ADDRESS, which takes that one and why.",
        mixinStandardHelpOptions = true)
public final class RoutesCommand implements Callable<Integer> {

    @Mixin
    private AdminOption admin;

    @Parameters(arity = "0..1", paramLabel = "ADDRESS", description = "Inner destination address, IPv4 or IPv6.")
    private String address;

    @Spec
    private CommandSpec spec;

    private record Route(Prefix prefix, StatusDocument peer) {

        boolean covers(InetAddress destination) {
            return prefix.isIpv4() == (destination.getAddress().length == 4)
                    && new Prefix(destination, prefix.length()).masked().equals(prefix);
        }

        String remote() {
            return peer.text("remote") + " port " + peer.text("port");
        }
    }

    @Override
    public Integer call() {
        InetAddress destination = address == null ? null : parse(address);
        try {
            List<Route> routes = routes();
            return destination == null ? list(routes) : explain(destination, routes);
        } catch (IOException e) {
            spec.commandLine().getErr().println(e.getMessage());
            return 1;
        }
    }

    private InetAddress parse(String text) {
        InetAddress parsed = NetUtil.createInetAddressFromIpAddressString(text);
        if (parsed == null) {
            throw new ParameterException(spec.commandLine(), "'" + text + "' is not an IP address");
        }
        return parsed;
    }

    /** Longest prefixes first, as they win. */
    private List<Route> routes() throws IOException {
        return StatusDocument.parse(admin.status())
                .objects("peers")
                .flatMap(peer -> peer.texts("allowedIps").map(prefix -> new Route(prefix(prefix), peer)))
                .sorted(Comparator.comparing((Route route) -> !route.prefix().isIpv4())
                        .thenComparing(route -> -route.prefix().length())
                        .thenComparing(route -> route.prefix().toString()))
                .toList();
    }

    private static Prefix prefix(String text) {
        int slash = text.indexOf('/');
        return new Prefix(
                NetUtil.createInetAddressFromIpAddressString(text.substring(0, slash)),
                Integer.parseInt(text.substring(slash + 1)));
    }

    private int list(List<Route> routes) {
        Table table = new Table().row("PREFIX", "PEER", "REMOTE");
        routes.forEach(
                route -> table.row(route.prefix().toString(), route.peer().text("name"), route.remote()));
        table.lines().forEach(spec.commandLine().getOut()::println);
        return 0;
    }

    private int explain(InetAddress destination, List<Route> routes) {
        List<Route> covering =
                routes.stream().filter(route -> route.covers(destination)).toList();
        explanation(destination, covering).forEach(spec.commandLine().getOut()::println);
        return covering.isEmpty() ? 1 : 0;
    }

    private static Stream<String> explanation(InetAddress destination, List<Route> covering) {
        String text = NetUtil.toAddressString(destination);
        if (covering.isEmpty()) {
            return Stream.of(text + ": no peer's allowed_ips covers it, it is dropped as no_route");
        }
        Route winner = covering.get(0);
        String first =
                "%s: peer %s (%s) by %s".formatted(text, winner.peer().text("name"), winner.remote(), winner.prefix());
        Stream<String> others = covering.stream()
                .skip(1)
                .map(route -> "    longer than %s of peer %s"
                        .formatted(route.prefix(), route.peer().text("name")));
        return Stream.concat(Stream.of(first), others);
    }
}
