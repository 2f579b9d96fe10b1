package net.fougateway.config;

/** UDP destination ports by inner protocol. */
@OneForAll
public record PeerPorts(
        @Setting(key = "4", def = "5555", doc = "UDP destination port for inner IPv4.") @Range(min = 1, max = 65535)
        int ipv4Port,

        @Setting(key = "41", def = "5555", doc = "UDP destination port for inner IPv6.") @Range(min = 1, max = 65535)
        int ipv6Port,

        @Setting(key = "47", def = "5555", doc = "UDP destination port for GRE.") @Range(min = 1, max = 65535)
        int grePort) {

    /**
     * Port for packets of an IP protocol.
     *
     * @param ipProtocol 4, 41 or 47
     * @throws IllegalArgumentException for any other protocol
     */
    public int forProtocol(int ipProtocol) {
        return switch (ipProtocol) {
            case 4 -> ipv4Port;
            case 41 -> ipv6Port;
            case 47 -> grePort;
            default -> throw new IllegalArgumentException("no port for IP protocol " + ipProtocol);
        };
    }
}
