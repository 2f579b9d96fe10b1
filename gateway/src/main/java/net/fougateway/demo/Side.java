package net.fougateway.demo;

import java.util.Locale;

/** One of the two hosts that the demo plays. */
enum Side {
    LEFT(1),
    RIGHT(2);

    private final int number;

    Side(int number) {
        this.number = number;
    }

    Side other() {
        return this == LEFT ? RIGHT : LEFT;
    }

    /** Such as {@code left}. */
    String title() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Name of the network namespace, and of the files in {@code /run}. */
    String namespace() {
        return Traces.PREFIX + title() + "-" + ProcessHandle.current().pid();
    }

    String underlayIpv4() {
        return "192.168.127.15" + number;
    }

    String underlayIpv6() {
        return "fd00:127::15" + number;
    }

    String tunnelIpv4() {
        return "10.10.10." + number;
    }

    String tunnelIpv6() {
        return "fd00:10::" + number;
    }

    /** Configuration of the gateway on this side. */
    String configuration() {
        return """
                device:
                  address: [%s/24, "%s/64"]
                peers:
                  - name: %s
                    remote: %s
                    allowed_ips: [%s/32, "%s/128"]
                """.formatted(
                        tunnelIpv4(),
                        tunnelIpv6(),
                        other().title(),
                        other().underlayIpv4(),
                        other().tunnelIpv4(),
                        other().tunnelIpv6());
    }
}
