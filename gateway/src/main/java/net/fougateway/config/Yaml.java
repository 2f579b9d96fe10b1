package net.fougateway.config;

import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;

/** YAML text to nodes. Text that could make the reader loop, recurse or load classes does not get through. */
final class Yaml {

    /** Longest text: room for 100,000 prefixes. */
    static final int MAX_CHARACTERS = 4 << 20;

    /** How the message about text that cannot be parsed begins. */
    static final String NOT_YAML = "not YAML: ";

    private static final int MAX_DEPTH = 16;
    private static final LoadSettings WITH_LINES =
            LoadSettings.builder().setCodePointLimit(MAX_CHARACTERS).build();
    private static final LoadSettings WITHOUT_LINES =
            LoadSettings.builder().setUseMarks(false).build();

    private Yaml() {}

    /** The document of a configuration file; nothing after a problem was added. */
    static Optional<Node> ofFile(String text, Problems problems) {
        if (text.length() > MAX_CHARACTERS) {
            problems.addAt(1, "", "the file is larger than " + MAX_CHARACTERS + " characters");
            return Optional.empty();
        }
        try {
            new Guard(problems).check(new Parse(WITH_LINES).parseString(text));
            Optional<Node> root = problems.isEmpty() ? new Compose(WITH_LINES).composeString(text) : Optional.empty();
            if (root.isEmpty() && problems.isEmpty()) {
                problems.addAt(1, "", "the file is empty: start from config/gateway.example.yaml");
            }
            return root;
        } catch (MarkedYamlEngineException e) {
            problems.addAt(line(e.getProblemMark()), "", NOT_YAML + e.getProblem());
        } catch (YamlEngineException e) {
            problems.addAt(1, "", NOT_YAML + e.getMessage().lines().findFirst().orElse(""));
        }
        return Optional.empty();
    }

    /** The default of a setting; nothing when there is none. */
    static Optional<Node> ofDefault(Setting setting) {
        return new Compose(WITHOUT_LINES).composeString(setting.def());
    }

    /** Line from 1. */
    static int line(Optional<Mark> mark) {
        return mark.map(Mark::getLine).orElse(0) + 1;
    }

    private static final class Guard {
        private final Problems problems;

        Guard(Problems problems) {
            this.problems = problems;
        }

        void check(Iterable<Event> events) {
            int depth = 0;
            for (Event event : events) {
                if (event instanceof CollectionStartEvent) {
                    depth++;
                } else if (event instanceof CollectionEndEvent) {
                    depth--;
                }
                refuse(event instanceof NodeEvent node && node.getAnchor().isPresent(), event, anchorMessage(event));
                refuse(hasTag(event), event, "tags are not supported: write the plain value");
                if (depth > MAX_DEPTH) {
                    refuse(true, event, "nested too deeply");
                    return;
                }
            }
        }

        private void refuse(boolean wrong, Event event, String message) {
            if (wrong) {
                problems.addAt(line(event.getStartMark()), "", message);
            }
        }

        private static String anchorMessage(Event event) {
            return (event instanceof AliasEvent ? "aliases (*)" : "anchors (&)")
                    + " are not supported: write the value where it is used";
        }

        private static boolean hasTag(Event event) {
            if (event instanceof ScalarEvent scalar) {
                return scalar.getTag().isPresent();
            }
            return event instanceof CollectionStartEvent collection
                    && collection.getTag().isPresent();
        }
    }
}
