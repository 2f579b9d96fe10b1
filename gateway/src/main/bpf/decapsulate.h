/* The way in, as UdpToTun has it: datagrams from the underlay are checked and stripped, and their packets given to the tunnel device. */

enum { NOT_OURS = VERDICTS, DEEPEST = sizeof(struct ipv6hdr) + sizeof(struct udphdr) + 4 + sizeof(struct ipv6hdr) };
enum { DECAP_L3_IPV4 = 1 << 7, DECAP_L3_IPV6 = 1 << 8, XDP_STRIPPED = 0x466f5521 }; /* flags of Linux 6.3 */

struct arrival {
    struct ip outer, inner;
    struct peer *peer;
    __u32 overhead; /* bytes of headers before the inner packet */
    int ecn;        /* of the inner packet from now on */
};

/* RFC 6040, figure 4; negative: the packet must be dropped. */
INLINE int ecn(__u8 inner, __u8 outer) {
    if ((outer & 3) == 3)
        return inner & 3 ? 3 : -1;
    return (outer & 3) == 1 && (inner & 3) == 2 ? 1 : inner & 3;
}

INLINE void set_ecn(void *at, const struct ip *ip, int ecn) {
    __u8 *byte = at;
    struct iphdr *v4 = at;
    __u16 before = *(__u16 *)at;

    byte[1] = ip->is6 ? (byte[1] & 0xcf) | ecn << 4 : (byte[1] & 0xfc) | ecn;
    if (!ip->is6)
        v4->check = ~fold((__u64)(__u16)~v4->check + (__u16)~before + *(__u16 *)at);
}

/* True as well where it cannot be told: in fragments and behind extension headers. */
INLINE int may_be_syn(const struct ip *ip, const __u8 *l4, const void *end) {
    if (ip->protocol == IPPROTO_TCP)
        return ip->fragment || (const void *)(l4 + 14) > end || l4[13] & 2;
    return ip->is6 && ip->protocol != IPPROTO_UDP && ip->protocol != IPPROTO_ICMPV6;
}

/* Whether the gateway takes a datagram of `bytes`, by the checks that it makes itself. `at` is its outer IP header. */
INLINE int judge(const void *at, const void *end, __u32 bytes, struct arrival *a) {
    if (!read_ip(at, end, bytes, &a->outer) || a->outer.fragment || a->outer.protocol != IPPROTO_UDP)
        return NOT_OURS;
    const struct udphdr *udp = at + (a->outer.is6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr));
    if ((const void *)(udp + 1) > end)
        return NOT_OURS;
    struct socket to = {a->outer.destination, udp->dest};
    const struct payload *payload = bpf_map_lookup_elem(&listens, &to);
    if (!payload)
        return NOT_OURS;
    if (bpf_htons(udp->len) != bytes - a->outer.header)
        return IN_ODD;
    const __u8 *inner = (const void *)(udp + 1);
    __u8 protocol = payload->protocol;
    a->overhead = a->outer.header + sizeof(*udp);
    if (payload->gue) {
        if ((const void *)(inner + 4) > end || inner[0] || !inner[1] || inner[2] || inner[3])
            return IN_ODD;
        protocol = inner[1], inner += 4, a->overhead += 4;
    }
    if (!read_ip(inner, end, bytes - a->overhead, &a->inner) || (protocol && protocol != (a->inner.is6 ? IPPROTO_IPV6 : IPPROTO_IPIP)))
        return IN_ODD;
    a->peer = owner(&a->inner.source);
    if (!a->peer || !(a->peer->flags & RECEIVES) || !same(&a->peer->remote, &a->outer.source))
        return IN_SOURCE;
    if (a->peer->flags & CLAMP && may_be_syn(&a->inner, inner + (a->inner.is6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr)), end))
        return IN_SYN;
    a->ecn = ecn(a->inner.tos, a->outer.tos);
    return a->ecn < 0 ? IN_ECN : IN_TAKEN;
}

/* Before the driver's GRO, which joins no datagrams of tunnels, but what is in them. What it leaves, `decapsulate` judges and counts. */
SEC("xdp.frags")
int xdp_strip(struct xdp_md *ctx) {
    void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
    __u32 bytes = bpf_xdp_get_buff_len(ctx) - ETH_HLEN, *mark;
    struct ethhdr *eth = data, copy;
    struct arrival a = {};

    if ((void *)(eth + 1) > end || (eth->h_proto != bpf_htons(ETH_P_IP) && eth->h_proto != bpf_htons(ETH_P_IPV6)))
        return XDP_PASS;
    copy = *eth;
    if (judge(eth + 1, end, bytes, &a) != IN_TAKEN || bpf_xdp_adjust_meta(ctx, -(int)sizeof(*mark)))
        return XDP_PASS;
    data = (void *)(long)ctx->data, mark = (void *)(long)ctx->data_meta;
    if ((void *)(mark + 1) > data)
        return XDP_PASS;
    *mark = 0;
    if (bpf_xdp_adjust_head(ctx, a.overhead))
        return XDP_PASS;
    data = (void *)(long)ctx->data, end = (void *)(long)ctx->data_end, mark = (void *)(long)ctx->data_meta;
    if (data + ETH_HLEN + sizeof(struct iphdr) > end || (void *)(mark + 1) > data)
        return XDP_DROP;
    copy.h_proto = a.inner.is6 ? bpf_htons(ETH_P_IPV6) : bpf_htons(ETH_P_IP);
    __builtin_memcpy(data, &copy, ETH_HLEN);
    if (a.ecn != (a.inner.tos & 3))
        set_ecn(data + ETH_HLEN, &a.inner, a.ecn);
    *mark = XDP_STRIPPED;
    count(&verdicts, IN_TAKEN, 1, bytes - a.overhead);
    carried(a.peer, 0, 1, bytes - a.overhead);
    return XDP_PASS;
}

/* True for UDP packets whose headers can be read directly then. */
INLINE int has_headers(struct __sk_buff *skb) {
    __u32 bytes = skb->len < ETH_HLEN + DEEPEST ? skb->len : ETH_HLEN + DEEPEST;
    __u8 protocol = 0;

    if (skb->vlan_present || (skb->protocol != bpf_htons(ETH_P_IP) && skb->protocol != bpf_htons(ETH_P_IPV6)) ||
        bpf_skb_load_bytes(skb, ETH_HLEN + (skb->protocol == bpf_htons(ETH_P_IP) ? 9 : 6), &protocol, 1) || protocol != IPPROTO_UDP)
        return 0;
    return (void *)(long)skb->data + bytes <= (void *)(long)skb->data_end || !bpf_skb_pull_data(skb, bytes);
}

SEC("tc")
int decapsulate(struct __sk_buff *skb) {
    void *data = (void *)(long)skb->data;
    __u32 zero = 0, bytes = skb->len - ETH_HLEN, *mark = (void *)(long)skb->data_meta;
    struct settings *s = bpf_map_lookup_elem(&settings, &zero);
    struct arrival a = {};
    __u8 header[sizeof(struct iphdr)], tcp = 0; /* length of its header in the upper half */

    if (!s || skb->pkt_type != 0) /* PACKET_HOST */
        return TC_ACT_UNSPEC;
    if ((void *)(mark + 1) <= data && *mark == XDP_STRIPPED) {
        show(skb, s, ETH_HLEN, 0);
        return bpf_redirect(s->device, BPF_F_INGRESS);
    }
    if (!has_headers(skb))
        return TC_ACT_UNSPEC;
    data = (void *)(long)skb->data;
    int verdict = judge(data + ETH_HLEN, (void *)(long)skb->data_end, bytes, &a);
    if (verdict == NOT_OURS)
        return TC_ACT_UNSPEC;
    if (verdict == IN_TAKEN && skb->gso_size && (a.inner.protocol != IPPROTO_TCP || bpf_skb_load_bytes(skb, ETH_HLEN + a.overhead + a.inner.header + 12, &tcp, 1)))
        verdict = IN_SEGMENTED;
    if (verdict != IN_TAKEN)
        return hand_on(skb, verdict, bytes);
    if (a.ecn != (a.inner.tos & 3)) {
        verdict = bpf_skb_load_bytes(skb, ETH_HLEN + a.overhead, header, sizeof(header));
        set_ecn(header, &a.inner, a.ecn);
        if (verdict || bpf_skb_store_bytes(skb, ETH_HLEN + a.overhead, header, sizeof(header), BPF_F_RECOMPUTE_CSUM))
            return hand_on(skb, IN_REFUSED, bytes);
    }
    if (bpf_skb_adjust_room(skb, -(__s32)a.overhead, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_FIXED_GSO | (a.inner.is6 ? DECAP_L3_IPV6 : DECAP_L3_IPV4)))
        return hand_on(skb, IN_REFUSED, bytes);
    show(skb, s, ETH_HLEN, 0);
    taken(skb, IN_TAKEN, a.peer, bytes - a.overhead, a.inner.header + (tcp >> 4) * 4);
    return bpf_redirect(s->device, BPF_F_INGRESS);
}
