/* What the gateway writes and reads: layouts of keys and values, and names of counters, as net.fougateway.ebpf has them. Addresses and
 * ports as they are on the wire, all else little-endian. */
#include <linux/types.h>

/* An address of family 4 or 6; IPv4 in the first word, zeros behind it. */
struct address { __u32 family, word[4]; };

/* Key of `owners`: inner addresses, by longest prefix; the value is the key of a peer. */
struct prefix {
    __u32 bits; /* 32 for the family, and those of the prefix */
    struct address address;
};

/* Key and value of `listens`: where datagrams for the gateway arrive, with every address that the host has; whether they are GUE, else FOU;
 * for FOU what is in them: 4, 41 or 47, or 0, where the first nibble tells. */
struct socket {
    struct address address;
    __u16 port, zero;
};
struct payload { __u8 gue, protocol; };

/* Value of `peers`: outer addresses; its counters, 2 slot in and 2 slot + 1 out; the device towards it; its part of
 * `source_ports`; destination ports for inner IPv4 and IPv6; the MTU of the path, outer headers included, beyond which packets are user
 * space's, which answers them; TTL, 0 for that of the inner packet. */
struct peer {
    struct address local, remote;
    __u32 slot, underlay, first_port, ports;
    __u16 port4, port6, mtu, flags;
    __u8 ttl, tos;
    __u16 zero;
    __u32 mark; /* SO_MARK of the outer packets */
};

/* RECEIVES, SENDS: what it sends and is sent may be taken. GUE: it is sent GUE, else FOU. CHECKSUM, DONT_FRAGMENT: with UDP checksums,
 * with DF. TOS: with `tos`, else that of the inner packet; ECN always from the latter. CLAMP: TCP connections are told a segment size, so
 * their first packets are user space's. UDP_SUPER_PACKETS: it can take them apart when they cross a virtual link whole. */
enum peer_flags { RECEIVES = 1, SENDS = 2, GUE = 4, CHECKSUM = 8, DONT_FRAGMENT = 16, TOS = 32, CLAMP = 64, UDP_SUPER_PACKETS = 128 };

/* The one value of `settings`: key of the flow hash; the tunnel device; not 0 while somebody wants to see what is taken. */
struct settings { __u64 flow_key; __u32 device, shown; };

/* Index in `verdicts`: each packet that is for the gateway adds to one of them. All but TAKEN and LOST are handed on to user space.
 * ODD: options, fragments, GRE, malformed, whatever is not looked at to the last bit. SOURCE: the inner source is not the sender's. ECN:
 * congestion on a packet that is not capable of it. SYN: its segment size may have to be clamped. SEGMENTED: a super-packet, but of TCP.
 * PEER: no peer's, or one's that user space carries. LOOP: to the outer address of a peer. TOO_BIG: longer than the path takes.
 * NO_CHECKSUM: the outer checksum does not follow from headers. REFUSED: by the kernel, and unchanged. LOST: the same, but too late. */
enum verdict {
    IN_TAKEN, IN_ODD, IN_SOURCE, IN_ECN, IN_SYN, IN_SEGMENTED, IN_REFUSED,
    OUT_TAKEN, OUT_ODD, OUT_PEER, OUT_LOOP, OUT_SYN, OUT_SEGMENTED, OUT_TOO_BIG, OUT_NO_CHECKSUM, OUT_REFUSED, OUT_LOST,
    VERDICTS
};
/* Bytes of inner packets; of what is handed on inwards, of the datagram with its IP header. */
struct count { __u64 packets, bytes; };

/* Value of `traffic`: inner packets taken, and when the last one was, as CLOCK_MONOTONIC has it. */
struct traffic { __u64 packets, bytes, nanos; };

/* What is in `sights`: when an inner packet was taken, its length, how much of it is here, and whether it leaves. */
enum { SIGHT_BYTES = 2048 };
struct sight { __u64 nanos; __u32 bytes, kept, out, zero; __u8 packet[SIGHT_BYTES]; };
