package net.fougateway.codec;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Random;

/**
 * Builds IP packets for tests and benchmarks: {@code PacketBuilder.ipv4().tcp(40000, 443).payload(1400).build()}. What is not
 * said has a sensible value and is right, checksums included. Checksums come from {@link Naive}.
 */
public final class PacketBuilder {

    private static final int TCP = 6;
    private static final int UDP = 17;

    private final boolean ipv4;
    private byte[] source;
    private byte[] destination;
    private byte[] checksumSource;
    private byte[] checksumDestination;
    private int tos;
    private int ttl = 64;
    private int id = 1;
    private boolean dontFragment = true;
    private int flowLabel;
    private byte[] ipOptions = {};
    private byte[] extensions = {};
    private int firstExtension = -1;
    private int lastExtension = -1;
    private boolean fragment;
    private int fragmentOffset;
    private boolean moreFragments;

    private int protocol = UDP;
    private int sourcePort = 40_000;
    private int destinationPort = 443;
    private int sequence = 1;
    private int acknowledgment = 1;
    private int flags = 0x10;
    private int window = 1000;
    private int urgent;
    private byte[] tcpOptions = {};
    private byte[] payload = {};
    private boolean raw;
    private boolean noChecksum;
    private boolean badChecksum;
    private boolean badIpChecksum;
    private int padding;

    private PacketBuilder(boolean ipv4) {
        this.ipv4 = ipv4;
        from(ipv4 ? "10.1.0.1" : "fd00:1::1");
        to(ipv4 ? "10.2.0.2" : "fd00:2::2");
    }

    /** An IPv4 packet, UDP until told otherwise. */
    public static PacketBuilder ipv4() {
        return new PacketBuilder(true);
    }

    /** An IPv6 packet, UDP until told otherwise. */
    public static PacketBuilder ipv6() {
        return new PacketBuilder(false);
    }

    /** A packet of either family. */
    public static PacketBuilder ip(boolean ipv4) {
        return new PacketBuilder(ipv4);
    }

    /** Bytes that look random and are always the same. */
    public static byte[] pattern(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    /** Source address, as a literal. */
    public PacketBuilder from(String address) {
        source = bytesOf(address);
        return this;
    }

    /** Destination address, as a literal. */
    public PacketBuilder to(String address) {
        destination = bytesOf(address);
        return this;
    }

    /** Where the packet is to go in the end, by a source route or routing header: the address that its checksum is made of. */
    public PacketBuilder lastDestination(String address) {
        checksumDestination = bytesOf(address);
        return this;
    }

    /** The home address of Mobile IPv6: the address that its checksum is made of. */
    public PacketBuilder homeAddress(String address) {
        checksumSource = bytesOf(address);
        return this;
    }

    @SuppressWarnings("AddressSelection")
    private static byte[] bytesOf(String literal) {
        try {
            return InetAddress.getByName(literal).getAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** IPv4 TOS or IPv6 traffic class. */
    public PacketBuilder tos(int value) {
        tos = value;
        return this;
    }

    /** IPv4 TTL or IPv6 hop limit. */
    public PacketBuilder ttl(int value) {
        ttl = value;
        return this;
    }

    /** IPv4 ID. */
    public PacketBuilder id(int value) {
        id = value;
        return this;
    }

    /** DF bit of IPv4, set unless told otherwise. */
    public PacketBuilder dontFragment(boolean value) {
        dontFragment = value;
        return this;
    }

    /** IPv6 flow label. */
    public PacketBuilder flowLabel(int value) {
        flowLabel = value;
        return this;
    }

    /** IPv4 options, a multiple of 4 bytes. */
    public PacketBuilder ipOptions(byte... options) {
        ipOptions = options.clone();
        return this;
    }

    /** Adds an IPv6 extension header of {@code length} bytes, a multiple of 8, behind those that are there. */
    public PacketBuilder extension(int type, int length) {
        byte[] header = new byte[length];
        header[1] = (byte) (length / 8 - 1);
        header[2] = 1;
        header[3] = (byte) (length - 4);
        if (firstExtension < 0) {
            firstExtension = type;
        } else {
            extensions[lastExtension] = (byte) type;
        }
        lastExtension = extensions.length;
        extensions = Naive.join(extensions, header);
        return this;
    }

    /** Makes it a fragment; for IPv6 a fragment header goes behind the extension headers so far. */
    public PacketBuilder fragment(int offsetBytes, boolean more) {
        fragment = true;
        fragmentOffset = offsetBytes;
        moreFragments = more;
        dontFragment = false;
        if (!ipv4) {
            extension(44, 8);
            Naive.put16(extensions, lastExtension + 2, offsetBytes | (more ? 1 : 0));
            extensions[lastExtension + 1] = 0;
        }
        return this;
    }

    /** TCP with ACK set. */
    public PacketBuilder tcp(int from, int to) {
        return ports(TCP, from, to);
    }

    /** UDP. */
    public PacketBuilder udp(int from, int to) {
        return ports(UDP, from, to);
    }

    private PacketBuilder ports(int number, int from, int to) {
        protocol = number;
        sourcePort = from;
        destinationPort = to;
        return this;
    }

    /** An ICMP or ICMPv6 echo request. */
    public PacketBuilder echo(int identifier, int number) {
        byte[] message = new byte[16];
        message[0] = (byte) (ipv4 ? 8 : 128);
        Naive.put16(message, 4, identifier);
        Naive.put16(message, 6, number);
        return transport(ipv4 ? 1 : 58, message);
    }

    /** Anything behind the IP header, as it is. */
    public PacketBuilder transport(int number, byte... bytes) {
        protocol = number;
        payload = bytes.clone();
        raw = true;
        return this;
    }

    /** TCP sequence number. */
    public PacketBuilder sequence(int value) {
        sequence = value;
        return this;
    }

    /** TCP acknowledgment number. */
    public PacketBuilder acknowledgment(int value) {
        acknowledgment = value;
        return this;
    }

    /** All TCP flags, from CWR down to FIN. */
    public PacketBuilder flags(int value) {
        flags = value;
        return this;
    }

    /** TCP window. */
    public PacketBuilder window(int value) {
        window = value;
        return this;
    }

    /** TCP urgent pointer; the flag is another matter. */
    public PacketBuilder urgent(int value) {
        urgent = value;
        return this;
    }

    /** TCP options, a multiple of 4 bytes. */
    public PacketBuilder tcpOptions(byte... options) {
        tcpOptions = options.clone();
        return this;
    }

    /** Payload of TCP or UDP. */
    public PacketBuilder payload(byte... bytes) {
        payload = bytes.clone();
        return this;
    }

    /** Payload of TCP or UDP: so many bytes of {@link #pattern}. */
    public PacketBuilder payload(int length) {
        payload = pattern(length);
        return this;
    }

    /** UDP without checksum. */
    public PacketBuilder noChecksum() {
        noChecksum = true;
        return this;
    }

    /** A wrong TCP or UDP checksum. */
    public PacketBuilder badChecksum() {
        badChecksum = true;
        return this;
    }

    /** A wrong IPv4 header checksum. */
    public PacketBuilder badIpChecksum() {
        badIpChecksum = true;
        return this;
    }

    /** Bytes behind the packet that do not belong to it. */
    public PacketBuilder padding(int bytes) {
        padding = bytes;
        return this;
    }

    /** The packet. */
    public byte[] build() {
        byte[] transport = raw ? payload : Naive.join(transportHeader(), payload);
        byte[] header = ipv4 ? ipv4Header(transport.length) : ipv6Header(transport.length);
        if (!raw && !noChecksum && fragmentOffset == 0) {
            int at = protocol == TCP ? 16 : 6;
            int sum = Naive.checksum(pseudoHeader(header, transport.length), transport);
            sum = protocol == UDP && sum == 0 ? 0xffff : sum;
            Naive.put16(transport, at, badChecksum ? sum ^ 0x5555 : sum);
        }
        return Naive.join(header, transport, new byte[padding]);
    }

    /**
     * The packet as the kernel hands it to a device that finishes checksums: the transport checksum field holds the folded
     * sum of the pseudo header.
     */
    public byte[] buildPartial() {
        byte[] packet = build();
        int transport = Naive.transportOffset(packet);
        int sum = Naive.checksum(pseudoHeader(packet, packet.length - transport));
        Naive.put16(packet, transport + (protocol == TCP ? 16 : 6), ~sum);
        return packet;
    }

    private byte[] pseudoHeader(byte[] packet, int transportLength) {
        byte[] pseudoHeader = Naive.pseudoHeader(packet, protocol, transportLength);
        if (checksumSource != null) {
            System.arraycopy(checksumSource, 0, pseudoHeader, 0, checksumSource.length);
        }
        if (checksumDestination != null) {
            int at = checksumDestination.length;
            System.arraycopy(checksumDestination, 0, pseudoHeader, at, checksumDestination.length);
        }
        return pseudoHeader;
    }

    private byte[] ipv4Header(int transportLength) {
        byte[] header = new byte[20 + ipOptions.length];
        header[0] = (byte) (0x40 | (header.length / 4));
        header[1] = (byte) tos;
        Naive.put16(header, 2, header.length + transportLength);
        Naive.put16(header, 4, id);
        int fragmentBits = fragment ? (moreFragments ? 0x2000 : 0) | (fragmentOffset / 8) : 0;
        Naive.put16(header, 6, (dontFragment ? 0x4000 : 0) | fragmentBits);
        header[8] = (byte) ttl;
        header[9] = (byte) protocol;
        System.arraycopy(source, 0, header, 12, 4);
        System.arraycopy(destination, 0, header, 16, 4);
        System.arraycopy(ipOptions, 0, header, 20, ipOptions.length);
        Naive.put16(header, 10, Naive.checksum(header) ^ (badIpChecksum ? 0x5555 : 0));
        return header;
    }

    private byte[] ipv6Header(int transportLength) {
        byte[] chain = Arrays.copyOf(extensions, extensions.length);
        if (lastExtension >= 0) {
            chain[lastExtension] = (byte) protocol;
        }
        byte[] header = new byte[40];
        Naive.put16(header, 0, 0x6000 | (tos << 4) | (flowLabel >> 16));
        Naive.put16(header, 2, flowLabel);
        Naive.put16(header, 4, chain.length + transportLength);
        header[6] = (byte) (firstExtension < 0 ? protocol : firstExtension);
        header[7] = (byte) ttl;
        System.arraycopy(source, 0, header, 8, 16);
        System.arraycopy(destination, 0, header, 24, 16);
        return Naive.join(header, chain);
    }

    private byte[] transportHeader() {
        byte[] header = new byte[protocol == TCP ? 20 + tcpOptions.length : 8];
        Naive.put16(header, 0, sourcePort);
        Naive.put16(header, 2, destinationPort);
        if (protocol == UDP) {
            Naive.put16(header, 4, 8 + payload.length);
            return header;
        }
        Naive.put16(header, 4, sequence >>> 16);
        Naive.put16(header, 6, sequence);
        Naive.put16(header, 8, acknowledgment >>> 16);
        Naive.put16(header, 10, acknowledgment);
        header[12] = (byte) ((header.length / 4) << 4);
        header[13] = (byte) flags;
        Naive.put16(header, 14, window);
        Naive.put16(header, 18, urgent);
        System.arraycopy(tcpOptions, 0, header, 20, tcpOptions.length);
        return header;
    }
}
