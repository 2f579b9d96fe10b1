package net.fougateway.cli;

import java.util.Optional;

/** The native libraries of Netty and JNA, which may lie where nothing can be executed, or be missing for a machine. */
final class NativeLibraries {

    private NativeLibraries() {}

    /** What is wrong and what to do, when it was a native library that could not be loaded. */
    static Optional<String> explain(Throwable failure) {
        Throwable first = failure;
        while (first.getCause() != null) {
            first = first.getCause();
        }
        if (!(first instanceof UnsatisfiedLinkError)) {
            return Optional.empty();
        }
        String reason = String.valueOf(first.getMessage()).replaceAll("\\s+", " ");
        return Optional.of(("cannot load a native library: %s: there are libraries for Linux with glibc on x86_64 and "
                        + "aarch64, this machine is %s; they must lie on a file system that is not mounted noexec: "
                        + "move the program, or name their directories with -Djava.library.path and "
                        + "-Djna.boot.library.path in FOU_JAVA_OPTS")
                .formatted(reason, System.getProperty("os.arch")));
    }
}
