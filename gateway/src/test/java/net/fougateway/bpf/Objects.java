package net.fougateway.bpf;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** An object file for tests. */
final class Objects {

    private Objects() {}

    /** The one that the gateway brings along. */
    static byte[] checkedIn() {
        try (InputStream in = Objects.class.getResourceAsStream("/net/fougateway/ebpf/fou.bpf.o")) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
