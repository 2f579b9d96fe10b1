package net.fougateway.codec;

/**
 * What a UDP port carries.
 *
 * @param format what follows the UDP header
 * @param protocol what follows that, where the format does not tell it
 */
public record PortPayload(Format format, InnerProtocol protocol) {

    /** FOU with any inner protocol. */
    public static final PortPayload FOU = new PortPayload(Format.FOU, InnerProtocol.AUTO);
    /** GUE, variant 0 and 1. */
    public static final PortPayload GUE = new PortPayload(Format.GUE, InnerProtocol.AUTO);

    /** VXLAN. */
    public static final PortPayload VXLAN = new PortPayload(Format.VXLAN, InnerProtocol.AUTO);

    /** FOU with one inner protocol. */
    public static PortPayload fou(InnerProtocol protocol) {
        return new PortPayload(Format.FOU, protocol);
    }
}
