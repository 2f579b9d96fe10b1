package net.fougateway.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.LongPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * All that demos put on this host: network namespaces, files beside them, and processes inside. Their names end in the
 * process id of the demo, so that what a killed one left can be told from what belongs to one that runs.
 */
final class Traces {

    static final String PREFIX = "fou-demo-";

    /** Only root writes here, so nobody can plant a link for the demo to follow. */
    private static final Path FILES = Path.of("/run");

    private static final Path NAMESPACES = FILES.resolve("netns");
    private static final Pattern NAME = Pattern.compile(PREFIX + "(?:left|right)-(\\d+)(?:\\..*)?");

    private Traces() {}

    static Path file(Side side, String suffix) {
        return FILES.resolve(side.namespace() + suffix);
    }

    /**
     * Removes what demos left that are dead; one that had the id of this process is.
     *
     * @return names of the namespaces and files that were removed
     */
    static List<String> removeOfDead() throws DemoException {
        long own = ProcessHandle.current().pid();
        return remove(pid -> pid == own || ProcessHandle.of(pid).isEmpty());
    }

    /** Removes what this process made. */
    static List<String> removeOwn() throws DemoException {
        long own = ProcessHandle.current().pid();
        return remove(pid -> pid == own);
    }

    private static List<String> remove(LongPredicate whose) throws DemoException {
        SortedSet<String> removed = new TreeSet<>();
        for (Path namespace : find(NAMESPACES, whose)) {
            removeNamespace(namespace.getFileName().toString());
            removed.add(namespace.getFileName().toString());
        }
        for (Path file : find(FILES, whose)) {
            delete(file);
            removed.add(file.toString());
        }
        return List.copyOf(removed);
    }

    private static List<Path> find(Path directory, LongPredicate whose) throws DemoException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (var entries = Files.list(directory)) {
            return entries.filter(entry -> belongs(entry, whose)).sorted().toList();
        } catch (IOException e) {
            throw new DemoException("cannot list " + directory + ": " + e.getMessage(), e);
        }
    }

    private static boolean belongs(Path entry, LongPredicate whose) {
        Matcher name = NAME.matcher(entry.getFileName().toString());
        return name.matches() && whose.test(Long.parseLong(name.group(1)));
    }

    private static void removeNamespace(String name) throws DemoException {
        Shell.run("ip netns pids " + name)
                .lines()
                .map(pid -> ProcessHandle.of(Long.parseLong(pid)))
                .forEach(process -> process.ifPresent(ProcessHandle::destroyForcibly));
        Shell.run("ip netns del " + name);
    }

    private static void delete(Path file) throws DemoException {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new DemoException("cannot delete " + file + ": " + e.getMessage(), e);
        }
    }
}
