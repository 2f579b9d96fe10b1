package net.fougateway.tun;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Whose an existing TUN device is, as {@code /sys/class/net/NAME} tells. */
final class TunOwner {

    private static final String NOBODY = "-1";

    private TunOwner() {}

    /** The owner in words, such as {@code uid 1000}; empty when the device does not exist or is no TUN device. */
    static Optional<String> find(String device) {
        return read(device, "owner").map(owner -> owner.equals(NOBODY) ? "nobody in particular" : "uid " + owner);
    }

    private static Optional<String> read(String device, String attribute) {
        try {
            return Optional.of(Files.readString(Path.of("/sys/class/net", device, attribute))
                    .strip());
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
