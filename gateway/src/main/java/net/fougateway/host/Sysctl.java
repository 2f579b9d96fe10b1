package net.fougateway.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/**
 * The kernel's settings, those of the network as the network namespace of the calling thread has them.
 *
 * @param root {@code /proc/sys}
 */
record Sysctl(Path root) {

    /** The number in a setting such as {@code net/ipv4/ip_forward}; nothing where this kernel has no such setting. */
    OptionalLong read(String path) {
        try {
            return OptionalLong.of(
                    Long.parseLong(Files.readString(root.resolve(path)).strip()));
        } catch (IOException | NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    /** The names below a directory of settings; none where there is no such directory. */
    List<String> names(String path) {
        String[] names = root.resolve(path).toFile().list();
        return names == null ? List.of() : List.of(names);
    }

    /** The name for sysctl(8), where slashes are dots, and the dots of a device name are slashes. */
    static String name(String path) {
        return path.replace('.', '\0').replace('/', '.').replace('\0', '/');
    }
}
