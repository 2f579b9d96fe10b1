/* What both ways need: helpers of the kernel, IP headers, counters. No globals and no calls, so that loading needs no more than maps. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include "fou.h"

#define INLINE static __always_inline

/* What the loader reads of a map. */
struct map { __u32 type, key_bytes, value_bytes, entries, flags; };
#define MAP(name, type, key, value, entries, flags) struct map name SEC("maps") = {type, sizeof(key), sizeof(value), entries, flags}
MAP(owners, BPF_MAP_TYPE_LPM_TRIE, struct prefix, __u32, 1 << 20, BPF_F_NO_PREALLOC);
MAP(peers, BPF_MAP_TYPE_HASH, __u32, struct peer, 1 << 17, BPF_F_NO_PREALLOC);
MAP(remotes, BPF_MAP_TYPE_HASH, struct address, __u8, 1 << 17, BPF_F_NO_PREALLOC); /* outer addresses of all peers */
MAP(listens, BPF_MAP_TYPE_HASH, struct socket, struct payload, 1 << 14, BPF_F_NO_PREALLOC);
MAP(source_ports, BPF_MAP_TYPE_ARRAY, __u32, __u16, 1 << 16, 0);
MAP(settings, BPF_MAP_TYPE_ARRAY, __u32, struct settings, 1, 0);
MAP(verdicts, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, struct count, VERDICTS, 0);
MAP(traffic, BPF_MAP_TYPE_PERCPU_HASH, __u32, struct traffic, 1 << 18, BPF_F_NO_PREALLOC);
MAP(unseen, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, struct count, 1, 0); /* packets that `sights` had no room for */
struct map sights SEC("maps") = {BPF_MAP_TYPE_RINGBUF, 0, 0, 1 << 20, 0};

INLINE void count(void *map, __u32 key, __u32 packets, __u32 bytes) {
    struct count *c = bpf_map_lookup_elem(map, &key);

    if (c)
        c->packets += packets, c->bytes += bytes;
}

/* Leaves a packet to whoever comes next, in the end to user space. */
INLINE int hand_on(struct __sk_buff *skb, enum verdict why, __u32 bytes) {
    count(&verdicts, why, skb->gso_segs ? skb->gso_segs : 1, bytes);
    return TC_ACT_UNSPEC;
}

INLINE __u16 fold(__u64 sum) {
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffff) + (sum >> 16);
    return (sum & 0xffff) + (sum >> 16);
}

INLINE __u64 sum_words(const __u32 *word, int words) {
    __u64 sum = 0;

    for (int i = 0; i < words; i++)
        sum += word[i];
    return sum;
}

struct ip {
    struct address source, destination;
    __u32 first; /* its first four bytes */
    __u32 header; /* its length in bytes */
    __u8 is6, tos, ttl, protocol, fragment;
};

/* Reads the IP header of a packet of `bytes`. False for what user space has to look at: options, a wrong checksum or length. */
INLINE int read_ip(const void *at, const void *end, __u32 bytes, struct ip *ip) {
    const struct iphdr *v4 = at;
    const struct ipv6hdr *v6 = at;

    if ((const void *)(v4 + 1) > end)
        return 0;
    if (v4->version == 4) {
        *ip = (struct ip){{4, {v4->saddr}}, {4, {v4->daddr}}, *(const __u32 *)at, sizeof(*v4), 0, v4->tos, v4->ttl, v4->protocol};
        ip->fragment = (v4->frag_off & bpf_htons(0x3fff)) != 0;
        return v4->ihl == 5 && bpf_htons(v4->tot_len) == bytes && fold(sum_words(at, 5)) == 0xffff;
    }
    if (v4->version != 6 || (const void *)(v6 + 1) > end)
        return 0;
    *ip = (struct ip){{6}, {6}, *(const __u32 *)at, sizeof(*v6), 1, bpf_ntohl(*(const __u32 *)at) >> 20, v6->hop_limit, v6->nexthdr};
    __builtin_memcpy(ip->source.word, &v6->saddr, 16);
    __builtin_memcpy(ip->destination.word, &v6->daddr, 16);
    return bpf_htons(v6->payload_len) + sizeof(*v6) == bytes;
}

INLINE int same(const struct address *a, const struct address *b) {
    return a->family == b->family && a->word[0] == b->word[0] && a->word[1] == b->word[1] && a->word[2] == b->word[2] && a->word[3] == b->word[3];
}

/* The peer that an inner address belongs to. */
INLINE struct peer *owner(const struct address *address) {
    struct prefix key = {address->family == 6 ? 160 : 64, *address};
    __u32 *peer = bpf_map_lookup_elem(&owners, &key);
    return peer ? bpf_map_lookup_elem(&peers, peer) : 0;
}

INLINE void carried(const struct peer *peer, __u32 out, __u32 packets, __u32 bytes) {
    __u32 key = 2 * peer->slot + out;
    struct traffic *t = bpf_map_lookup_elem(&traffic, &key);

    if (t)
        t->packets += packets, t->bytes += bytes, t->nanos = bpf_ktime_get_coarse_ns();
}

/* Counts a packet that was taken; a super-packet as the packets that it stands for, each with headers of its own. */
INLINE void taken(struct __sk_buff *skb, enum verdict way, const struct peer *peer, __u32 bytes, __u32 headers) {
    __u32 segment = skb->gso_size, packets = segment ? (bytes - headers + segment - 1) / segment : 1;

    bytes += (packets - 1) * headers;
    count(&verdicts, way, packets, bytes);
    carried(peer, way == OUT_TAKEN, packets, bytes);
}

/* Shows an inner packet, `from` bytes into the buffer, to whoever captures. */
INLINE void show(struct __sk_buff *skb, const struct settings *s, __u32 from, __u32 out) {
    __u32 bytes = skb->len - from, kept = bytes < SIGHT_BYTES ? bytes : SIGHT_BYTES;
    struct sight *sight = s->shown ? bpf_ringbuf_reserve(&sights, sizeof(*sight), 0) : 0;

    if (s->shown && !sight)
        count(&unseen, 0, 1, bytes);
    if (!sight)
        return;
    sight->nanos = bpf_ktime_get_coarse_ns(), sight->bytes = bytes, sight->kept = kept, sight->out = out, sight->zero = 0;
    if (kept && !bpf_skb_load_bytes(skb, from, sight->packet, kept))
        bpf_ringbuf_submit(sight, 0);
    else
        bpf_ringbuf_discard(sight, 0);
}
