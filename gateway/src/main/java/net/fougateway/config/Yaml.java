package net.fougateway.config;

import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.composer.Composer;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.ImplicitTuple;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.parser.Parser;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/** YAML text to nodes. Text that could make the reader loop, recurse or load classes does not get through. */
final class Yaml {

    /** Longest text: room for 100,000 prefixes. */
    static final int MAX_CHARACTERS = 4 << 20;

    /** How the message about text that cannot be parsed begins. */
    static final String NOT_YAML = "not YAML: ";

    private static final int MAX_DEPTH = 16;
    private static final LoadSettings WITH_LINES = settings(true);
    private static final LoadSettings WITHOUT_LINES = settings(false);

    private Yaml() {}

    private static LoadSettings settings(boolean lines) {
        return LoadSettings.builder()
                .setUseMarks(lines)
                .setCodePointLimit(MAX_CHARACTERS)
                .build();
    }

    /** The document of a configuration file; nothing after a problem was added. */
    static Optional<Node> ofFile(String text, Problems problems) {
        return ofFile(text, WITH_LINES, problems);
    }

    /** As {@link #ofFile}, in half the time, but without lines: enough to see that there is no problem. */
    static Optional<Node> withoutLines(String text, Problems problems) {
        return ofFile(text, WITHOUT_LINES, problems);
    }

    private static Optional<Node> ofFile(String text, LoadSettings settings, Problems problems) {
        if (text.length() > MAX_CHARACTERS) {
            problems.addAt(1, "", "the file is larger than " + MAX_CHARACTERS + " characters");
            return Optional.empty();
        }
        try {
            Guard events = new Guard(new ParserImpl(settings, new StreamReader(settings, text)), problems);
            Optional<Node> root = new Composer(settings, events).getSingleNode();
            if (root.isEmpty() && problems.isEmpty()) {
                problems.addAt(1, "", "the file is empty: start from config/gateway.example.yaml");
            }
            return root.filter(node -> problems.isEmpty());
        } catch (TooDeepException e) {
            problems.addAt(e.line, "", "nested too deeply");
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

    /** Ends the reading, which would recurse. */
    private static final class TooDeepException extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final int line;

        TooDeepException(int line) {
            this.line = line;
        }
    }

    /** The events of a parser. Those that are not supported become a problem each, and an alias a value, so that nothing refers to others. */
    private static final class Guard implements Parser {
        private final Parser parser;
        private final Problems problems;
        private Event next;
        private int depth;

        Guard(Parser parser, Problems problems) {
            this.parser = parser;
            this.problems = problems;
        }

        @Override
        public boolean hasNext() {
            return next != null || parser.hasNext();
        }

        @Override
        public Event peekEvent() {
            if (next == null) {
                next = checked(parser.next());
            }
            return next;
        }

        @Override
        public boolean checkEvent(Event.ID choice) {
            return hasNext() && peekEvent().getEventId() == choice;
        }

        @Override
        public Event next() {
            Event event = peekEvent();
            next = null;
            return event;
        }

        private Event checked(Event event) {
            if (event instanceof CollectionStartEvent) {
                depth++;
            } else if (event instanceof CollectionEndEvent) {
                depth--;
            }
            refuse(event instanceof NodeEvent node && node.getAnchor().isPresent(), event, anchorMessage(event));
            refuse(hasTag(event), event, "tags are not supported: write the plain value");
            if (depth > MAX_DEPTH) {
                throw new TooDeepException(line(event.getStartMark()));
            }
            return event instanceof AliasEvent ? emptyValue(event) : event;
        }

        private static Event emptyValue(Event at) {
            return new ScalarEvent(
                    Optional.empty(),
                    Optional.empty(),
                    new ImplicitTuple(true, true),
                    "",
                    ScalarStyle.PLAIN,
                    at.getStartMark(),
                    at.getEndMark());
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
