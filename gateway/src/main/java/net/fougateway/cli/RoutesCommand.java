package net.fougateway.cli;

import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import net.fougateway.linux.LinuxException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fou-gateway routes}: which peer of the running gateway takes which destination. */
@Command(
        name = "routes",
        description = "Show which peer takes which destination; with ADDRESS, which takes that one and why.",
        footerHeading = Main.EXAMPLES,
        footer = {"  fou-gateway routes", "  fou-gateway routes 10.42.2.7", "  fou-gateway routes --compare"},
        mixinStandardHelpOptions = true)
public final class RoutesCommand implements Callable<Integer> {

    @Mixin
    private AdminOption admin;

    @Parameters(arity = "0..1", paramLabel = "ADDRESS", description = "Inner destination address, IPv4 or IPv6.")
    private String address;

    @Option(
            names = "--compare",
            description =
                    "Ask the kernel, in this network namespace, where it sends each prefix that the gateway took from the host's routes, and print the differences.")
    private boolean compare;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        InetAddress destination = address == null ? null : parse(address);
        try {
            RoutesDocument document = RoutesDocument.parse(admin.document("/routes"));
            if (compare) {
                return compare(document, destination);
            }
            return destination == null ? list(document) : explain(destination, document.routes());
        } catch (IOException | LinuxException e) {
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

    private int compare(RoutesDocument document, InetAddress destination) throws LinuxException {
        List<RoutesDocument.Route> followed = document.routes().stream()
                .filter(RoutesDocument.Route::isFollowed)
                .filter(route -> destination == null || route.prefix().covers(destination))
                .toList();
        List<String> differences = RouteComparison.of(document.device(), followed);
        differences.forEach(spec.commandLine().getOut()::println);
        spec.commandLine().getOut().println(followed.size() + " prefixes compared, differences: " + differences.size());
        return differences.isEmpty() ? 0 : 1;
    }

    private int list(RoutesDocument document) {
        Table table = new Table().row("PREFIX", "PEER", "REMOTE", "FROM", "AGE");
        Instant now = Instant.now();
        document.routes().forEach(route -> route.rows(now).forEach(cells -> table.row(cells.toArray(String[]::new))));
        table.lines().forEach(spec.commandLine().getOut()::println);
        return 0;
    }

    private int explain(InetAddress destination, List<RoutesDocument.Route> routes) {
        List<RoutesDocument.Route> covering = routes.stream()
                .filter(route -> route.prefix().covers(destination))
                .sorted(Comparator.comparing(route -> -route.prefix().length()))
                .toList();
        explanation(destination, covering).forEach(spec.commandLine().getOut()::println);
        return covering.isEmpty() || covering.get(0).legs().isEmpty() ? 1 : 0;
    }

    private static Stream<String> explanation(InetAddress destination, List<RoutesDocument.Route> covering) {
        String text = NetUtil.toAddressString(destination);
        if (covering.isEmpty()) {
            return Stream.of(
                    text + ": neither allowed_ips nor a route that is followed covers it: it is dropped as no_route");
        }
        RoutesDocument.Route winner = covering.get(0);
        Stream<String> others = covering.stream()
                .skip(1)
                .map(route -> "    longer than %s of %s".formatted(route.prefix(), route.owners()));
        return Stream.concat(Stream.of(text + ": " + winner.explanation()), others);
    }
}
