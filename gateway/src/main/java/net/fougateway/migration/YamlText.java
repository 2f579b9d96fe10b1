package net.fougateway.migration;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Values of the configuration file, as one writes them by hand. */
final class YamlText {

    private static final Pattern PLAIN =
            Pattern.compile("[0-9]+(\\.[0-9]+){3}(/[0-9]+)?|(?!true$|false$|null$)[A-Za-z][A-Za-z0-9._-]*");

    private YamlText() {}

    /** Quoted where it must be. */
    static String scalar(Object value) {
        String text = value.toString();
        return PLAIN.matcher(text).matches() ? text : '"' + text + '"';
    }

    /** In brackets. */
    static String list(List<?> values) {
        return values.stream().map(YamlText::scalar).collect(Collectors.joining(", ", "[", "]"));
    }
}
