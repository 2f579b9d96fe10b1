package net.fougateway.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.List;

/**
 * What was in a configuration file at one moment, or why it could not be read. Reading ends at {@link #MAX_BYTES} and never waits for
 * somebody who writes: only regular files are opened, and what the shell that started us has opened already ({@code /dev/stdin}).
 */
public final class ConfigFile {

    /** Largest file that is read, in bytes. */
    public static final int MAX_BYTES = Yaml.MAX_CHARACTERS;

    private static final String MISSING = "there is no such file";

    private final Path path;
    private final byte[] content;
    private final String problem;

    private ConfigFile(Path path, byte[] content, String problem) {
        this.path = path;
        this.content = content;
        this.problem = problem;
    }

    /** Reads it; that it cannot be read is told by {@link #text}. */
    public static ConfigFile read(Path path) {
        try {
            String kind = kind(path);
            return kind.isEmpty() ? readContent(path) : unreadable(path, kind);
        } catch (NoSuchFileException e) {
            return unreadable(path, MISSING);
        } catch (AccessDeniedException e) {
            return unreadable(path, "the file cannot be read: permission denied");
        } catch (FileSystemException e) {
            return unreadable(path, "the file cannot be read: " + e.getReason());
        } catch (IOException e) {
            return unreadable(path, "the file cannot be read: " + e.getMessage());
        }
    }

    private static ConfigFile unreadable(Path path, String problem) {
        return new ConfigFile(path, new byte[0], problem);
    }

    /** Why it is not to be opened; empty for a file. */
    private static String kind(Path path) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
        if (attributes.isDirectory()) {
            return "the file cannot be read: it is a directory";
        }
        return attributes.isRegularFile() || isInherited(path)
                ? ""
                : "the file cannot be read: it is a pipe, a socket or a device";
    }

    private static boolean isInherited(Path path) {
        return path.startsWith("/dev/stdin") || path.startsWith("/dev/fd") || path.startsWith("/proc/self/fd");
    }

    private static ConfigFile readContent(Path path) throws IOException {
        try (InputStream in = Files.newInputStream(path)) {
            byte[] content = in.readNBytes(MAX_BYTES + 1);
            return content.length > MAX_BYTES
                    ? unreadable(path, "the file is larger than " + MAX_BYTES + " bytes")
                    : new ConfigFile(path, content, "");
        }
    }

    /** Where it is. */
    public Path path() {
        return path;
    }

    /** True when there was no file. */
    public boolean isMissing() {
        return problem.equals(MISSING);
    }

    /** The file as it is now; this very object where it could be read only once, because it is a pipe of the shell that started us. */
    public ConfigFile readAgain() {
        return isInherited(path) ? this : read(path);
    }

    /** True when nothing has changed between the two. */
    public boolean isSameAs(ConfigFile other) {
        return Arrays.equals(content, other.content) && problem.equals(other.problem);
    }

    /**
     * Its text.
     *
     * @throws ConfigException when it could not be read, or is not UTF-8
     */
    public String text() throws ConfigException {
        if (!problem.isEmpty()) {
            throw new ConfigException(path.toString(), List.of(new ConfigProblem(0, "", problem)));
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(content))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new ConfigException(path.toString(), List.of(new ConfigProblem(0, "", "the file is not UTF-8 text")));
        }
    }
}
