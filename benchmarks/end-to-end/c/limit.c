// limit TUNNAME LOCALIP REMOTEIP: the least that a user-space FOU tunnel has to do on this kernel, in C, as a yardstick.
//
// TUN with a virtio header and TSO; UDP_SEGMENT out, with the payload gathered from where it was read (no copy in user space); UDP_GRO in, with a gathered
// writev back into TUN. TCP over IPv4 is split and merged; anything else goes packet by packet. One thread. Not a product: no routing, no checks beyond checksums.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#ifndef UDP_GRO
#define UDP_GRO 104
#endif
#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

enum {
    PORT = 5555,
    SOCKET_BUFFER = 8 << 20,
    READ_BYTES = 70000,
    READS_PER_WAKE = 64,
    MAX_SEGMENTS = 64,    // of one UDP_SEGMENT message
    MAX_UDP = 65507,      // payload bytes of one message
    HEADER_SPACE = 120,   // IPv4 and TCP header with all options
    MERGE_IOVECS = 129,   // virtio header, packet header, payloads
    IPV4_HEADER = 20,
    TCP_SEQUENCE = 4, TCP_ACK = 8, TCP_OFFSET = 12, TCP_FLAGS = 13, TCP_CHECKSUM = 16, // offsets in the TCP header
    FIN = 1, PSH = 8,
};

static uint8_t from_tun[READ_BYTES], from_udp[READ_BYTES], headers[128 * HEADER_SPACE];
static int tun, udp;

// ---- checksums, in memory order: the sum of native words gives the same bytes ----

// Independent 32-bit loads into 64-bit lanes: the compiler vectorises it.
__attribute__((noinline)) static uint64_t sum(const uint8_t *p, size_t n, uint64_t s) {
    size_t words = n / 4;
    for (size_t i = 0; i < words; i++) {
        uint32_t v;
        memcpy(&v, p + 4 * i, 4);
        s += v;
    }
    p += 4 * words;
    n -= 4 * words;
    if (n >= 2) {
        uint16_t v;
        memcpy(&v, p, 2);
        s += v;
        p += 2;
        n -= 2;
    }
    if (n) s += *p;
    return s;
}

static uint16_t fold(uint64_t s) {
    while (s >> 16) s = (s & 0xffff) + (s >> 16);
    return s;
}

static uint64_t tcp_pseudo_header(const uint8_t *ip, uint16_t tcp_length) {
    return sum(ip + 12, 8, 0) + htons(IPPROTO_TCP) + htons(tcp_length);
}

static void put16(uint8_t *p, uint16_t v) {
    memcpy(p, &v, 2);
}

static uint32_t sequence(const uint8_t *tcp) {
    uint32_t v;
    memcpy(&v, tcp + TCP_SEQUENCE, 4);
    return ntohl(v);
}

static int tcp_header_length(const uint8_t *tcp) {
    return (tcp[TCP_OFFSET] >> 4) * 4;
}

// ---- from TUN to UDP ----

static void send_whole(const struct virtio_net_hdr *v, uint8_t *ip, int n) {
    if (v->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) {
        uint8_t *checksum = ip + v->csum_start + v->csum_offset;
        put16(checksum, ~fold(sum(ip + v->csum_start, n - v->csum_start, 0)));
    }
    if (send(udp, ip, n, 0) < 0 && errno != ECONNREFUSED) perror("send");
}

// Writes into h the header of segment i of the super-packet at ip, whose payload bytes [offset, offset + length) it carries.
static void segment_header(uint8_t *h, const uint8_t *ip, int ihl, int thl, int i, int offset, int length, int is_last) {
    int header = ihl + thl;
    uint8_t *tcp = h + ihl;
    memcpy(h, ip, header);
    put16(h + 2, htons(header + length));
    put16(h + 4, htons((ip[4] << 8 | ip[5]) + i));
    put16(h + 10, 0);
    put16(h + 10, ~fold(sum(h, ihl, 0)));
    uint32_t seq = htonl(sequence(ip + ihl) + offset);
    memcpy(tcp + TCP_SEQUENCE, &seq, 4);
    if (!is_last) tcp[TCP_FLAGS] &= ~(FIN | PSH);
    put16(tcp + TCP_CHECKSUM, 0);
    uint64_t s = sum(tcp, thl, tcp_pseudo_header(h, thl + length));
    put16(tcp + TCP_CHECKSUM, ~fold(sum(ip + header + offset, length, s)));
}

static void send_segments(struct iovec *io, int iovecs, int segments, uint16_t segment_size) {
    struct msghdr m = {.msg_iov = io, .msg_iovlen = iovecs};
    char control[CMSG_SPACE(sizeof segment_size)];
    if (segments > 1) {
        m.msg_control = control;
        m.msg_controllen = sizeof control;
        struct cmsghdr *c = CMSG_FIRSTHDR(&m);
        c->cmsg_level = IPPROTO_UDP;
        c->cmsg_type = UDP_SEGMENT;
        c->cmsg_len = CMSG_LEN(sizeof segment_size);
        memcpy(CMSG_DATA(c), &segment_size, sizeof segment_size);
    }
    if (sendmsg(udp, &m, 0) < 0 && errno != ECONNREFUSED) perror("sendmsg");
}

static void tun_to_udp(int n) {
    const struct virtio_net_hdr *v = (void *)from_tun;
    uint8_t *ip = from_tun + sizeof *v;
    n -= sizeof *v;
    if (v->gso_type != VIRTIO_NET_HDR_GSO_TCPV4) {
        send_whole(v, ip, n);
        return;
    }
    int ihl = (ip[0] & 15) * 4, thl = tcp_header_length(ip + ihl), header = ihl + thl, mss = v->gso_size, payload = n - header;
    int per_message = MAX_UDP / (mss + header);
    if (per_message > MAX_SEGMENTS) per_message = MAX_SEGMENTS;
    for (int offset = 0, i = 0; offset < payload;) {
        struct iovec io[2 * MAX_SEGMENTS];
        int iovecs = 0, first = i;
        for (int j = 0; j < per_message && offset < payload; j++, i++) {
            int left = payload - offset, length = left < mss ? left : mss;
            uint8_t *h = headers + j * HEADER_SPACE;
            segment_header(h, ip, ihl, thl, i, offset, length, offset + length == payload);
            io[iovecs++] = (struct iovec){h, header};
            io[iovecs++] = (struct iovec){ip + header + offset, length};
            offset += length;
        }
        send_segments(io, iovecs, i - first, header + mss);
    }
}

// ---- from UDP to TUN ----

static void write_whole(uint8_t *packet, int n) {
    struct virtio_net_hdr v = {0};
    struct iovec io[2] = {{&v, sizeof v}, {packet, n}};
    if (writev(tun, io, 2) < 0) perror("writev");
}

static int is_plain_tcp(const uint8_t *p, int n) { // IPv4 without options, not a fragment
    return n >= 40 && p[0] == 0x45 && p[9] == IPPROTO_TCP && (p[2] << 8 | p[3]) == n && !(p[6] & 0x3f) && !p[7];
}

static int same_flow(const uint8_t *a, const uint8_t *b, int thl) { // addresses, ports, ACK number, header length and options
    const uint8_t *s = a + IPV4_HEADER, *t = b + IPV4_HEADER;
    return !memcmp(a + 12, b + 12, 12) && tcp_header_length(s) == thl && !memcmp(s + TCP_ACK, t + TCP_ACK, 4) && !memcmp(s + 20, t + 20, thl - 20);
}

static int checksum_good(const uint8_t *p, int n) {
    int tcp = n - IPV4_HEADER;
    return fold(sum(p + IPV4_HEADER, tcp, tcp_pseudo_header(p, tcp))) == 0xffff;
}

static void write_merged(uint8_t *packet, int thl, int total, uint16_t mss, uint8_t flags, struct iovec *io, int iovecs) {
    struct virtio_net_hdr v = {
        .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
        .gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
        .hdr_len = IPV4_HEADER + thl,
        .gso_size = mss,
        .csum_start = IPV4_HEADER,
        .csum_offset = TCP_CHECKSUM,
    };
    uint8_t *tcp = packet + IPV4_HEADER;
    put16(packet + 2, htons(total));
    put16(packet + 10, 0);
    put16(packet + 10, ~fold(sum(packet, IPV4_HEADER, 0)));
    tcp[TCP_FLAGS] |= flags;
    put16(tcp + TCP_CHECKSUM, fold(tcp_pseudo_header(packet, total - IPV4_HEADER)));
    io[0] = (struct iovec){&v, sizeof v};
    if (writev(tun, io, iovecs) < 0) perror("writev");
}

// Writes the longest run of mergeable segments that begins at offset, or one packet; returns where the next begins.
static int write_run(int offset, int n, int segment_size) {
    uint8_t *first = from_udp + offset;
    int first_length = n - offset < segment_size ? n - offset : segment_size;
    if (!is_plain_tcp(first, first_length) || offset + segment_size >= n) {
        write_whole(first, first_length);
        return offset + first_length;
    }
    int thl = tcp_header_length(first + IPV4_HEADER), header = IPV4_HEADER + thl, mss = first_length - header, total = header;
    uint32_t next = sequence(first + IPV4_HEADER);
    struct iovec io[MERGE_IOVECS + 1];
    int iovecs = 1, o = offset; // the first is for the virtio header
    uint8_t flags = 0;
    io[iovecs++] = (struct iovec){first, header};
    while (o < n && iovecs < MERGE_IOVECS) {
        uint8_t *p = from_udp + o;
        int length = n - o < segment_size ? n - o : segment_size, payload = length - header;
        if (!is_plain_tcp(p, length) || !same_flow(p, first, thl) || sequence(p + IPV4_HEADER) != next) break;
        if (payload > mss || total + payload > 65535 || !checksum_good(p, length)) break;
        uint8_t its_flags = p[IPV4_HEADER + TCP_FLAGS];
        io[iovecs++] = (struct iovec){p + header, payload};
        total += payload;
        next += payload;
        flags |= its_flags;
        o += length;
        if (payload < mss || (its_flags & (FIN | PSH))) break;
    }
    if (iovecs < 4) {
        write_whole(first, first_length);
        return offset + first_length;
    }
    write_merged(first, thl, total, mss, flags, io, iovecs);
    return o;
}

static void udp_to_tun(int n, int segment_size) {
    for (int offset = 0; offset < n;) offset = write_run(offset, n, segment_size);
}

static int receive(int *segment_size) {
    struct iovec io = {from_udp, sizeof from_udp};
    char control[64];
    struct msghdr m = {.msg_iov = &io, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    int n = recvmsg(udp, &m, 0);
    *segment_size = n;
    if (n <= 0) return n;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
        if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_GRO) memcpy(segment_size, CMSG_DATA(c), 4);
    return n;
}

// ---- start ----

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void open_tun(const char *name) {
    tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
    if (tun < 0) fail("/dev/net/tun");
    struct ifreq r = {.ifr_flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR};
    strncpy(r.ifr_name, name, sizeof r.ifr_name - 1);
    if (ioctl(tun, TUNSETIFF, &r)) fail("TUNSETIFF");
    if (ioctl(tun, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6)) fail("TUNSETOFFLOAD");
}

static void open_udp(const char *local, const char *remote) {
    udp = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    inet_pton(AF_INET, local, &a.sin_addr);
    if (bind(udp, (struct sockaddr *)&a, sizeof a)) fail("bind");
    inet_pton(AF_INET, remote, &a.sin_addr);
    if (connect(udp, (struct sockaddr *)&a, sizeof a)) fail("connect");
    int on = 1, buffer = SOCKET_BUFFER;
    setsockopt(udp, IPPROTO_UDP, UDP_GRO, &on, sizeof on);
    setsockopt(udp, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer);
    setsockopt(udp, SOL_SOCKET, SO_SNDBUFFORCE, &buffer, sizeof buffer);
}

int main(int argc, char **argv) {
    if (argc < 4) {
        fprintf(stderr, "usage: limit TUNNAME LOCALIP REMOTEIP\n");
        return 2;
    }
    open_tun(argv[1]);
    open_udp(argv[2], argv[3]);
    for (;;) {
        struct pollfd p[2] = {{tun, POLLIN, 0}, {udp, POLLIN, 0}};
        poll(p, 2, -1);
        for (int i = 0; i < READS_PER_WAKE; i++) {
            int n = read(tun, from_tun, sizeof from_tun);
            if (n <= 0) break;
            tun_to_udp(n);
        }
        for (int i = 0; i < READS_PER_WAKE; i++) {
            int segment_size, n = receive(&segment_size);
            if (n <= 0) break;
            udp_to_tun(n, segment_size);
        }
    }
}
