package net.fougateway.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What the demo needs of the machine.
 *
 * @param processStatus {@code /proc/self/status}
 * @param tunDevice {@code /dev/net/tun}
 * @param ipv6 {@code /proc/net/if_inet6}, which is there when the kernel has IPv6
 * @param ip the command to manage namespaces and links with
 */
record Requirements(Path processStatus, Path tunDevice, Path ipv6, String ip) {

    /** CAP_NET_ADMIN for links, CAP_NET_RAW for ping and capture, CAP_SYS_ADMIN for namespaces. */
    private static final long CAPABILITIES = 1L << 12 | 1L << 13 | 1L << 21;

    static Requirements ofThisMachine() {
        return new Requirements(
                Path.of("/proc/self/status"), Path.of("/dev/net/tun"), Path.of("/proc/net/if_inet6"), "ip");
    }

    /** Fails with a sentence for each thing that is missing. */
    void check() throws DemoException {
        List<String> missing = missing();
        if (!missing.isEmpty()) {
            throw new DemoException(String.join(System.lineSeparator(), missing));
        }
    }

    List<String> missing() {
        List<String> missing = new ArrayList<>();
        if (!isPrivileged()) {
            missing.add("the demo makes network namespaces, for which it must be root:"
                    + " run it with sudo, or in a container started with --privileged");
        }
        if (!hasIproute()) {
            missing.add("the demo needs the ip command of iproute2:"
                    + " install the package iproute2, or add /usr/sbin to PATH");
        }
        if (!Files.exists(tunDevice)) {
            missing.add("there is no " + tunDevice + ": run 'modprobe tun' on the host,"
                    + " or start the container with --device /dev/net/tun");
        }
        if (!Files.exists(ipv6)) {
            missing.add("this kernel has IPv6 switched off: boot it without ipv6.disable=1");
        }
        return missing;
    }

    private boolean isPrivileged() {
        try (var lines = Files.lines(processStatus)) {
            return lines.filter(line -> line.startsWith("CapEff:"))
                    .mapToLong(line -> Long.parseUnsignedLong(
                            line.substring("CapEff:".length()).strip(), 16))
                    .anyMatch(effective -> (effective & CAPABILITIES) == CAPABILITIES);
        } catch (IOException e) {
            return false;
        }
    }

    /** The {@code ip} of BusyBox knows no namespaces. */
    private boolean hasIproute() {
        try {
            Shell.run(ip + " netns list");
            return true;
        } catch (DemoException e) {
            return false;
        }
    }
}
