// Round trips of small UDP packets, one after the other, that go on after a loss (sockperf's ping-pong waits for ever for the packet that was lost).
//
//   pingpong serve IP PORT            answers
//   pingpong ask IP PORT SECONDS      prints p50, p99, p99.9 in microseconds, how many probes were sent and how many of them lost
//
// A probe without an answer after 200 ms is lost, and counts as 200 ms in the percentiles.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

enum { PAYLOAD = 14, TIMEOUT_MS = 200, MOST_PROBES = 4 << 20, WARM_PROBES = 100 };

static int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static struct sockaddr_in address(const char *ip, int port) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (inet_pton(AF_INET, ip, &a.sin_addr) != 1) fail(ip);
    return a;
}

_Noreturn static void serve(const char *ip, int port) {
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in here = address(ip, port), from;
    if (bind(fd, (struct sockaddr *)&here, sizeof here)) fail("bind");
    for (;;) {
        char buffer[2048];
        socklen_t length = sizeof from;
        ssize_t n = recvfrom(fd, buffer, sizeof buffer, 0, (struct sockaddr *)&from, &length);
        if (n >= 0) sendto(fd, buffer, n, 0, (struct sockaddr *)&from, length);
    }
}

// Nanoseconds until the answer to this probe; answers to earlier ones, that came too late, are passed over. Negative: lost.
static int64_t probe(int fd, uint32_t number) {
    char payload[PAYLOAD] = {0};
    memcpy(payload, &number, sizeof number);
    int64_t start = now_ns();
    if (send(fd, payload, sizeof payload, 0) < 0) return -1;
    while (now_ns() - start < TIMEOUT_MS * 1000000LL) {
        uint32_t answered;
        ssize_t n = recv(fd, payload, sizeof payload, 0);
        memcpy(&answered, payload, sizeof answered);
        if (n == PAYLOAD && answered == number) return now_ns() - start;
    }
    return -1;
}

static int by_value(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static double percentile_us(const uint32_t *sorted, size_t n, double share) {
    return sorted[(size_t)(share * (n - 1))] / 1e3;
}

static int ask(const char *ip, int port, double seconds) {
    static uint32_t ns[MOST_PROBES];
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in there = address(ip, port);
    struct timeval timeout = {0, TIMEOUT_MS * 1000};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    if (connect(fd, (struct sockaddr *)&there, sizeof there)) fail("connect");

    uint32_t number = 0;
    int64_t warm_end = now_ns() + 400 * 1000000LL;
    while (number < WARM_PROBES && now_ns() < warm_end) probe(fd, number++);

    size_t n = 0, lost = 0;
    int64_t end = now_ns() + (int64_t)(seconds * 1e9);
    while (n < MOST_PROBES && now_ns() < end) {
        int64_t took = probe(fd, number++);
        lost += took < 0;
        ns[n++] = took < 0 ? TIMEOUT_MS * 1000000u : (uint32_t)took;
    }
    if (lost == n) {
        fprintf(stderr, "no answer\n");
        return 1;
    }
    qsort(ns, n, sizeof *ns, by_value);
    printf("p50 %.3f p99 %.3f p99.9 %.3f us sent %zu lost %zu\n", percentile_us(ns, n, .5), percentile_us(ns, n, .99), percentile_us(ns, n, .999), n, lost);
    return 0;
}

int main(int argc, char **argv) {
    if (argc == 4 && !strcmp(argv[1], "serve")) serve(argv[2], atoi(argv[3]));
    if (argc == 5 && !strcmp(argv[1], "ask")) return ask(argv[2], atoi(argv[3]), atof(argv[4]));
    fprintf(stderr, "usage: pingpong serve IP PORT | pingpong ask IP PORT SECONDS\n");
    return 2;
}
