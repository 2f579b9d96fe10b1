package net.fougateway.metrics;

import java.util.Optional;

/** Version of the program, from the manifest of its jar. */
public final class Version {

    /** Such as {@code 0.1.0}; {@code development} when it does not run from its jar. */
    public static final String TEXT = Optional.ofNullable(
                    Version.class.getPackage().getImplementationVersion())
            .orElse("development");

    private Version() {}
}
