/* What both ways need: helpers of the kernel, IP headers, counters. No globals and no calls, so that loading needs no more than maps. */
#pragma once
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>
#include <linux/udp.h>
#include "fou.h"

#define SEC(name) __attribute__((section(name), used))
#define INLINE static inline __attribute__((always_inline))
#define htons(x) ((__u16)__builtin_bswap16(x)) /* and back */
#define ntohl(x) __builtin_bswap32(x)

static void *(*const lookup)(void *map, const void *key) = (void *)BPF_FUNC_map_lookup_elem;
static long (*const random32)(void) = (void *)BPF_FUNC_get_prandom_u32;
static long (*const store)(struct __sk_buff *, __u32 at, const void *, __u32 bytes, __u64 flags) = (void *)BPF_FUNC_skb_store_bytes;
static long (*const load)(const void *, __u32 at, void *, __u32 bytes) = (void *)BPF_FUNC_skb_load_bytes;
static long (*const pull)(struct __sk_buff *, __u32 bytes) = (void *)BPF_FUNC_skb_pull_data;
static long (*const adjust_room)(struct __sk_buff *, __s32 bytes, __u32 mode, __u64 flags) = (void *)BPF_FUNC_skb_adjust_room;
static long (*const change_head)(struct __sk_buff *, __u32 bytes, __u64 flags) = (void *)BPF_FUNC_skb_change_head;
static long (*const redirect)(__u32 device, __u64 flags) = (void *)BPF_FUNC_redirect;
static long (*const redirect_neigh)(__u32 device, void *, int bytes, __u64 flags) = (void *)BPF_FUNC_redirect_neigh;
static long (*const adjust_head)(struct xdp_md *, int bytes) = (void *)BPF_FUNC_xdp_adjust_head;
static long (*const adjust_meta)(struct xdp_md *, int bytes) = (void *)BPF_FUNC_xdp_adjust_meta;
static __u64 (*const frame_bytes)(struct xdp_md *) = (void *)BPF_FUNC_xdp_get_buff_len;

/* What the loader reads of a map; the gateway may ask for more entries. */
struct map { __u32 type, key_bytes, value_bytes, entries, flags; };
#define MAP(name, type, key, value, entries, flags) struct map name SEC("maps") = {type, sizeof(key), sizeof(value), entries, flags}
MAP(owners, BPF_MAP_TYPE_LPM_TRIE, struct prefix, __u32, 1024, BPF_F_NO_PREALLOC);
MAP(peers, BPF_MAP_TYPE_HASH, __u32, struct peer, 1024, 0);
MAP(remotes, BPF_MAP_TYPE_HASH, struct address, __u8, 1024, 0); /* outer addresses of all peers */
MAP(listens, BPF_MAP_TYPE_HASH, struct socket, struct payload, 1024, 0);
MAP(source_ports, BPF_MAP_TYPE_ARRAY, __u32, __u16, 4096, 0);
MAP(settings, BPF_MAP_TYPE_ARRAY, __u32, struct settings, 1, 0);
MAP(verdicts, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, struct count, VERDICTS, 0);
MAP(traffic, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, struct count, 2048, 0);

INLINE void count(void *map, __u32 key, __u32 packets, __u32 bytes) {
    struct count *c = lookup(map, &key);

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
        ip->fragment = (v4->frag_off & htons(0x3fff)) != 0;
        return v4->ihl == 5 && htons(v4->tot_len) == bytes && fold(sum_words(at, 5)) == 0xffff;
    }
    if (v4->version != 6 || (const void *)(v6 + 1) > end)
        return 0;
    *ip = (struct ip){{6}, {6}, *(const __u32 *)at, sizeof(*v6), 1, ntohl(*(const __u32 *)at) >> 20, v6->hop_limit, v6->nexthdr};
    __builtin_memcpy(ip->source.word, &v6->saddr, 16);
    __builtin_memcpy(ip->destination.word, &v6->daddr, 16);
    return htons(v6->payload_len) + sizeof(*v6) == bytes;
}

INLINE int same(const struct address *a, const struct address *b) {
    return a->family == b->family && a->word[0] == b->word[0] && a->word[1] == b->word[1] && a->word[2] == b->word[2] && a->word[3] == b->word[3];
}

/* The peer that an inner address belongs to. */
INLINE struct peer *owner(const struct address *address) {
    struct prefix key = {address->family == 6 ? 160 : 64, *address};
    __u32 *peer = lookup(&owners, &key);
    return peer ? lookup(&peers, peer) : 0;
}

/* Counts a packet that was taken; a super-packet as the packets that it stands for, each with headers of its own. */
INLINE void taken(struct __sk_buff *skb, enum verdict way, const struct peer *peer, __u32 bytes, __u32 headers) {
    __u32 segment = skb->gso_size, packets = segment ? (bytes - headers + segment - 1) / segment : 1;

    bytes += (packets - 1) * headers;
    count(&verdicts, way, packets, bytes);
    count(&traffic, 2 * peer->slot + (way == OUT_TAKEN), packets, bytes);
}
