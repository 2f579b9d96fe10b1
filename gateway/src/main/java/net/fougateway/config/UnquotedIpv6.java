package net.fougateway.config;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** IPv6 addresses that begin or end with a colon, which YAML takes for the colon between a key and a value unless they are quoted. */
final class UnquotedIpv6 {

    private static final Pattern QUOTED_OR_COMMENT = Pattern.compile("\"[^\"]*\"|'[^']*'|(?:^|\\s)#.*");
    private static final Pattern ADDRESS = Pattern.compile(
            "(?<![^\\s\\[,{:-])(?:::[0-9A-Fa-f:.]*|[0-9A-Fa-f]+(?::[0-9A-Fa-f]*)*::?)(?:/\\d+)?(?![^\\s\\],}])");

    private UnquotedIpv6() {}

    /** What to tell beside a mistake in a line; nothing where there is no such address. */
    static Optional<String> hint(List<String> lines, ConfigProblem problem) {
        if (problem.line() < 1 || problem.line() > lines.size()) {
            return Optional.empty();
        }
        Optional<String> here = in(lines.get(problem.line() - 1));
        return here.isPresent() || !problem.message().startsWith(Yaml.NOT_YAML)
                ? here
                : lines.stream().flatMap(line -> in(line).stream()).findFirst();
    }

    private static Optional<String> in(String line) {
        Matcher address = ADDRESS.matcher(QUOTED_OR_COMMENT.matcher(line).replaceAll(" "));
        while (address.find()) {
            if (address.group().contains("::")) {
                return Optional.of("put IPv6 addresses into quotes: \"" + address.group() + "\"");
            }
        }
        return Optional.empty();
    }
}
