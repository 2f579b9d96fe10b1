/* The way out, as TunToUdp has it: packets that leave through the tunnel device are routed to a peer, encapsulated and sent. */

#define number(word) ((__u64)bpf_ntohl((word)[0]) << 32 | bpf_ntohl((word)[1]))
#define MULTIPLIER 0x9e3779b97f4a7c15ull
enum { TCP_BYTES = 20, TCP_OFFSET = 12 };

/* The packet in hand: its IP header and the first words behind it; bytes behind the IP header, of the packet or of each segment, and those
 * of them that are headers; whether it opens a connection; whether its last segment is shorter than the others; bytes of headers that it
 * gets, and what is in them. */
struct departure {
    struct ip ip;
    __u32 l4[2], l4_bytes, l4_header, syn, ragged, overhead, hash;
    __u16 sport, dport, check;
};

/* Finds the parts of a packet; false for what is user space's. */
INLINE int read_packet(struct __sk_buff *skb, struct departure *d) {
    __u8 tcp[2] = {};

    d->l4_bytes = skb->len - d->ip.header;
    d->l4_header = sizeof(struct udphdr);
    if (d->ip.fragment || bpf_skb_load_bytes(skb, d->ip.header, d->l4, sizeof(d->l4)))
        return 0;
    if (d->ip.protocol == IPPROTO_TCP) {
        if (d->l4_bytes < TCP_BYTES || bpf_skb_load_bytes(skb, d->ip.header + TCP_OFFSET, tcp, sizeof(tcp)))
            return 0;
        d->l4_header = (tcp[0] >> 4) * 4;
        d->syn = tcp[1] & 2;
    } else if (d->ip.protocol != IPPROTO_UDP && (skb->gso_size || d->ip.protocol != (d->ip.is6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP))) {
        return 0;
    }
    if (d->l4_header < sizeof(struct udphdr) || d->l4_header > d->l4_bytes || (d->ip.protocol == IPPROTO_UDP && bpf_htons(d->l4[1]) != d->l4_bytes))
        return 0;
    if (skb->gso_size) {
        d->ragged = (d->l4_bytes - d->l4_header) % skb->gso_size != 0;
        d->l4_bytes = d->l4_header + skb->gso_size;
    }
    return 1;
}

INLINE __u64 mix(__u64 value) {
    value = (value ^ value >> 32) * MULTIPLIER;
    value = (value ^ value >> 29) * MULTIPLIER;
    return value ^ value >> 32;
}


/* As FlowHash of the gateway, so that packets of a flow have one source port whoever sends them, and ICMP errors are known again. */
INLINE __u32 flow_hash(const struct departure *d, __u64 key) {
    const struct ip *ip = &d->ip;
    __u8 type = d->l4[0];
    __u32 transport = bpf_ntohl(d->l4[0]);
    __u64 hash;

    if (ip->protocol == IPPROTO_ICMP)
        transport = type == 0 || type == 8 ? bpf_ntohl(d->l4[1]) >> 16 : 0;
    else if (ip->protocol == IPPROTO_ICMPV6)
        transport = type == 128 || type == 129 ? bpf_ntohl(d->l4[1]) >> 16 : 0;
    hash = mix(key ^ (ip->is6 ? number(ip->source.word) : bpf_ntohl(ip->source.word[0])));
    hash = mix(hash ^ (ip->is6 ? number(ip->destination.word) : bpf_ntohl(ip->destination.word[0])));
    if (ip->is6) {
        hash = mix(hash ^ number(ip->source.word + 2));
        hash = mix(hash ^ number(ip->destination.word + 2));
    }
    return mix(hash ^ (__u64)ip->protocol << 32 ^ transport) >> 32;
}

/* The outer UDP checksum from headers alone: an inner IPv4 header sums to zero, a TCP, UDP or ICMPv6 segment to the complement of its
 * pseudo header, in which addresses cancel out against those of an IPv6 header. The segments of a super-packet have the same one if
 * none is shorter; else it is zero, which IPv4 allows. Negative: there is none. */
INLINE int checksum(const struct departure *d, const struct peer *peer) {
    const struct ip *ip = &d->ip;
    __u32 udp = d->overhead - (peer->remote.family == 6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr)) + ip->header + d->l4_bytes;
    __u64 sum = (__u64)bpf_htons(IPPROTO_UDP) + 2 * bpf_htons(udp) + d->sport + d->dport, pseudo = 0;

    if (peer->flags & CHECKSUM && ((ip->protocol == IPPROTO_UDP && !(d->l4[1] >> 16)) || (d->ragged && peer->remote.family == 6)))
        return -1;
    if (!(peer->flags & CHECKSUM) || d->ragged)
        return 0;
    sum += sum_words(peer->local.word, 4) + sum_words(peer->remote.word, 4);
    if (peer->flags & GUE)
        sum += bpf_htons(ip->is6 ? IPPROTO_IPV6 : IPPROTO_IPIP);
    if (ip->is6)
        sum += (__u64)ip->first + bpf_htons(d->l4_bytes) + (ip->protocol | ip->ttl << 8);
    if (ip->protocol != IPPROTO_ICMP)
        pseudo = (__u64)bpf_htons(ip->protocol) + bpf_htons(d->l4_bytes) + (ip->is6 ? 0 : (__u64)ip->source.word[0] + ip->destination.word[0]);
    __u16 check = ~fold(sum + (__u16)~fold(pseudo));
    return check ? check : 0xffff;
}

/* Writes outer headers into the room that was made for them. */
INLINE int write_headers(struct __sk_buff *skb, const struct departure *d, const struct peer *peer) {
    __u8 tos = peer->flags & TOS ? (peer->tos & 0xfc) | (d->ip.tos & 3) : d->ip.tos;
    __u8 ttl = peer->ttl ? peer->ttl : d->ip.ttl ? d->ip.ttl : 1;
    __u16 df = peer->flags & DONT_FRAGMENT ? bpf_htons(0x4000) : 0;
    struct iphdr v4 = {5, 4, tos, bpf_htons(skb->len), df ? 0 : bpf_get_prandom_u32(), df, ttl, IPPROTO_UDP, 0, {{peer->local.word[0], peer->remote.word[0]}}};
    struct ipv6hdr v6 = {.nexthdr = IPPROTO_UDP, .hop_limit = ttl, .payload_len = bpf_htons(skb->len - sizeof(v6))};
    __u32 header = peer->remote.family == 6 ? sizeof(v6) : sizeof(v4);
    struct {
        struct udphdr udp;
        __u8 gue[4];
    } l4 = {{d->sport, d->dport, bpf_htons(skb->len - header), d->check}, {0, d->ip.is6 ? IPPROTO_IPV6 : IPPROTO_IPIP}};

    if (bpf_skb_store_bytes(skb, header, &l4, sizeof(l4.udp), 0) || (peer->flags & GUE && bpf_skb_store_bytes(skb, header + sizeof(l4.udp), l4.gue, 4, 0)))
        return 0;
    if (header == sizeof(v4)) {
        v4.check = ~fold(sum_words((__u32 *)&v4, 5));
        return !bpf_skb_store_bytes(skb, 0, &v4, sizeof(v4), 0);
    }
    *(__u32 *)&v6 = bpf_ntohl(6u << 28 | (__u32)tos << 20 | (d->hash & 0xfffff));
    __builtin_memcpy(&v6.saddr, peer->local.word, 16);
    __builtin_memcpy(&v6.daddr, peer->remote.word, 16);
    return !bpf_skb_store_bytes(skb, 0, &v6, sizeof(v6), 0);
}

/* Completes what is known of a packet to a peer, or says why user space has to send it. */
INLINE enum verdict prepare(struct __sk_buff *skb, struct departure *d, const struct peer *peer, __u64 flow_key) {
    if (d->ip.protocol == IPPROTO_UDP && bpf_map_lookup_elem(&remotes, &d->ip.destination))
        return OUT_LOOP;
    if (peer->flags & CLAMP && d->syn)
        return OUT_SYN;
    if (skb->gso_size && d->ip.protocol == IPPROTO_UDP && !(peer->flags & UDP_SUPER_PACKETS))
        return OUT_SEGMENTED;
    d->overhead = (peer->remote.family == 6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr)) + sizeof(struct udphdr) + (peer->flags & GUE ? 4 : 0);
    if (d->overhead + d->ip.header + d->l4_bytes > peer->mtu || d->overhead + skb->len > 0xffff)
        return OUT_TOO_BIG;
    d->hash = flow_hash(d, flow_key);
    __u32 port = peer->first_port + ((__u64)d->hash * peer->ports >> 32);
    __u16 *sport = bpf_map_lookup_elem(&source_ports, &port);
    if (!sport)
        return OUT_PEER;
    d->sport = *sport, d->dport = d->ip.is6 ? peer->port6 : peer->port4;
    int check = checksum(d, peer);
    d->check = check;
    return check < 0 ? OUT_NO_CHECKSUM : OUT_TAKEN;
}

SEC("tc")
int encapsulate(struct __sk_buff *skb) {
    __u32 zero = 0, bytes = skb->len;
    struct settings *s = bpf_map_lookup_elem(&settings, &zero);
    struct departure d = {};

    if (!s || !read_ip((void *)(long)skb->data, (void *)(long)skb->data_end, bytes, &d.ip) || !read_packet(skb, &d))
        return hand_on(skb, OUT_ODD, bytes);
    struct peer *peer = owner(&d.ip.destination);
    if (!peer || !(peer->flags & SENDS))
        return hand_on(skb, OUT_PEER, bytes);
    enum verdict verdict = prepare(skb, &d, peer, s->flow_key);
    if (verdict != OUT_TAKEN)
        return hand_on(skb, verdict, bytes);
    show(skb, s, 0, 1);
    if (bpf_skb_adjust_room(skb, d.overhead, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_FIXED_GSO | BPF_F_ADJ_ROOM_NO_CSUM_RESET | BPF_F_ADJ_ROOM_ENCAP_L4_UDP |
                    (peer->remote.family == 6 ? BPF_F_ADJ_ROOM_ENCAP_L3_IPV6 : BPF_F_ADJ_ROOM_ENCAP_L3_IPV4)))
        return hand_on(skb, OUT_REFUSED, bytes);
    if (!write_headers(skb, &d, peer) || bpf_skb_change_head(skb, ETH_HLEN, 0)) {
        hand_on(skb, OUT_LOST, bytes);
        return TC_ACT_SHOT;
    }
    skb->mark = peer->mark;
    taken(skb, OUT_TAKEN, peer, bytes, d.ip.header + d.l4_header);
    return bpf_redirect_neigh(peer->underlay, 0, 0, 0);
}
