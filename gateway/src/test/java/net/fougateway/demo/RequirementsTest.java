package net.fougateway.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RequirementsTest {

    private static final String ALL_COMMANDS_WORK = "true";

    @TempDir
    private Path directory;

    private Path root;
    private Path present;
    private Path absent;

    @BeforeEach
    void makeFiles() throws IOException {
        root = Files.writeString(directory.resolve("root"), "Name:\tjava\nCapEff:\t000001ffffffffff\n");
        present = Files.createFile(directory.resolve("present"));
        absent = directory.resolve("absent");
    }

    @Test
    void rootWithEverythingMayGoOn() throws DemoException {
        Requirements complete = new Requirements(root, present, present, ALL_COMMANDS_WORK);
        complete.check();
        assertThat(complete.missing()).isEmpty();
    }

    @Test
    void needsRoot() throws IOException {
        Path container = Files.writeString(directory.resolve("container"), "CapEff:\t00000000a80425fb\n");
        assertThat(new Requirements(container, present, present, ALL_COMMANDS_WORK).missing())
                .containsExactly("the demo makes network namespaces, for which it must be root:"
                        + " run it with sudo, or in a container started with --privileged");
    }

    @Test
    void needsIproute() {
        String sentence = "the demo needs the ip command of iproute2:"
                + " install the package iproute2, or add /usr/sbin to PATH";
        assertThat(new Requirements(root, present, present, absent.toString()).missing())
                .containsExactly(sentence);
        assertThat(new Requirements(root, present, present, "false").missing()).containsExactly(sentence);
    }

    @Test
    void needsTun() {
        assertThat(new Requirements(root, absent, present, ALL_COMMANDS_WORK).missing())
                .containsExactly("there is no " + absent + ": run 'modprobe tun' on the host,"
                        + " or start the container with --device /dev/net/tun");
    }

    @Test
    void saysEverythingAtOnce() {
        assertThatThrownBy(() -> new Requirements(absent, absent, absent, absent.toString()).check())
                .isInstanceOfSatisfying(
                        DemoException.class,
                        e -> assertThat(e.getMessage().lines()).hasSize(4))
                .hasMessageContaining("IPv6 switched off");
    }
}
