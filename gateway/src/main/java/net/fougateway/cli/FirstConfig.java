package net.fougateway.cli;

import io.netty.util.NetUtil;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.fougateway.config.ConfigException;
import net.fougateway.config.ConfigLoader;
import net.fougateway.config.GatewayConfig;
import net.fougateway.linux.LinuxException;
import net.fougateway.linux.RouteInfo;
import net.fougateway.plan.KernelLookups;
import net.fougateway.plan.Plan;
import net.fougateway.plan.StartException;
import net.fougateway.route.Peer;

/**
 * The text of a first configuration: what the user wants, and in comments what was found on this host.
 *
 * @param addresses of the device, with the length of their networks
 */
record FirstConfig(List<String> addresses, List<Entry> peers) {

    private static final String EXAMPLE = """
        #   - name: b
        #     remote: 192.0.2.2          # its address outside the tunnel, or its name
        #     allowed_ips: [10.10.10.2/32, 10.42.2.0/24]   # what is behind it: its address inside the tunnel, its networks
        """;

    /**
     * A peer.
     *
     * @param prefixes behind it, separated by commas
     */
    record Entry(String name, String remote, String prefixes) {

        /**
         * From {@code NAME=REMOTE,PREFIX[,PREFIX...]}.
         *
         * @throws IllegalArgumentException for something else; the message is for the user
         */
        static Entry parse(String text) {
            int equals = text.indexOf('=');
            int comma = text.indexOf(',', equals);
            if (equals < 1 || comma < equals + 2 || comma == text.length() - 1) {
                throw new IllegalArgumentException(
                        "'" + text + "' is not NAME=REMOTE,PREFIX, such as b=192.0.2.2,10.10.10.2/32,10.42.2.0/24");
            }
            return new Entry(text.substring(0, equals), text.substring(equals + 1, comma), text.substring(comma + 1));
        }

        private String lines(String found) {
            return "  - name: \"%s\"\n    remote: \"%s\"%s\n    allowed_ips: %s\n"
                    .formatted(name, remote, found, list(prefixes));
        }
    }

    /**
     * The file for this host.
     *
     * @throws ConfigException when what the user wants is no configuration
     * @throws StartException when a peer is this host itself
     */
    String forThisHost(KernelLookups host) throws ConfigException, StartException, InterruptedException {
        GatewayConfig config = ConfigLoader.load("init", text("auto", name -> ""), Map.of(), Map.of());
        Plan plan = Plan.of(config, host.lookedUp(config));
        Map<String, Peer> byName = plan.peers().stream().collect(Collectors.toMap(Peer::name, Function.identity()));
        String mtu = "auto   # now " + plan.mtu().explanation();
        return text(
                mtu,
                name -> Optional.ofNullable(byName.get(name))
                        .filter(Peer::isResolved)
                        .flatMap(peer -> way(peer, host))
                        .map(way -> "   # " + way)
                        .orElse("   # no route leads to it now"));
    }

    private static Optional<String> way(Peer peer, KernelLookups host) {
        try {
            RouteInfo route = host.route(peer.remote(), peer.underlay());
            return Optional.of("through " + route.device()
                    + route.gateway()
                            .map(address -> " by " + NetUtil.toAddressString(address))
                            .orElse("")
                    + route.preferredSource()
                            .map(address -> ", from " + NetUtil.toAddressString(address))
                            .orElse("")
                    + ", MTU " + route.pathMtuBytes());
        } catch (LinuxException noRoute) {
            return Optional.empty();
        }
    }

    private String text(String mtu, Function<String, String> found) {
        String address = addresses.isEmpty()
                ? "# address: [10.10.10.1/24]    # of this end inside the tunnel, with the length of its network"
                : "address: " + list(String.join(",", addresses)) + "   # of this end inside the tunnel";
        return """
            # Written by fou-gateway init. Every key with its default: docs/configuration.md.
            # This host has %s.
            device:
              name: fou0        # made by the gateway
              %s
              mtu: %s
            listen:
              - port: 5555      # UDP, has to be open between the ends
            peers:%s
            %s""".formatted(
                        hostAddresses(),
                        address,
                        mtu,
                        peers.isEmpty() ? " []" : "",
                        peers.isEmpty()
                                ? EXAMPLE
                                : peers.stream()
                                        .map(peer -> peer.lines(found.apply(peer.name())))
                                        .collect(Collectors.joining()));
    }

    /** Quoted, as IPv6 has to be. */
    private static String list(String separatedByCommas) {
        return Stream.of(separatedByCommas.split(","))
                .map(prefix -> '"' + prefix.strip() + '"')
                .collect(Collectors.joining(", ", "[", "]"));
    }

    private static String hostAddresses() {
        try {
            List<String> found = new ArrayList<>();
            for (NetworkInterface device : NetworkInterface.networkInterfaces()
                    .sorted(Comparator.comparing(NetworkInterface::getIndex))
                    .toList()) {
                if (device.isUp() && !device.isLoopback()) {
                    device.getInterfaceAddresses().stream()
                            .filter(address -> !address.getAddress().isLinkLocalAddress())
                            .forEach(address -> found.add(device.getName() + " " + text(address)));
                }
            }
            return found.isEmpty() ? "no address yet" : String.join(", ", found);
        } catch (SocketException e) {
            return "addresses that cannot be read: " + e.getMessage();
        }
    }

    private static String text(InterfaceAddress of) {
        InetAddress address = of.getAddress();
        String plain = address instanceof Inet6Address ? NetUtil.toAddressString(address) : address.getHostAddress();
        return plain + "/" + of.getNetworkPrefixLength();
    }
}
