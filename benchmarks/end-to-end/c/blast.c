// UDP packets per second through whatever route leads there.
//
//   blast send IP PORT SIZE SECONDS FLOWS [RATE]   sends SIZE payload bytes from FLOWS source ports, as fast as it can or RATE packets per second
//   blast recv PORT SECONDS                        counts
//
// Both print one line: "<packets> sent|received <rate> pps". The receiver's rate runs from its first packet to its last.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { BATCH = 64, MAX_PAYLOAD = 65507, RECEIVE_BYTES = 2048, RECEIVE_BUFFER = 64 << 20 };

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static int connected_socket(const struct sockaddr_in *to) {
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (fd < 0 || connect(fd, (const struct sockaddr *)to, sizeof *to)) {
        perror("connect");
        exit(1);
    }
    return fd;
}

static int blast(const char *ip, int port, int size, double seconds, int flows, double rate) {
    static char payload[MAX_PAYLOAD];
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (inet_pton(AF_INET, ip, &to.sin_addr) != 1 || size < 0 || size > MAX_PAYLOAD || flows < 1) {
        fprintf(stderr, "bad address, size or flows\n");
        return 2;
    }
    int *fd = malloc(flows * sizeof *fd);
    for (int i = 0; i < flows; i++) fd[i] = connected_socket(&to);

    struct iovec io = {payload, size};
    struct mmsghdr messages[BATCH];
    memset(messages, 0, sizeof messages);
    for (int i = 0; i < BATCH; i++) {
        messages[i].msg_hdr.msg_iov = &io;
        messages[i].msg_hdr.msg_iovlen = 1;
    }

    long sent = 0;
    double start = now(), t;
    for (int flow = 0; (t = now()) - start < seconds; flow = (flow + 1) % flows) {
        if (rate > 0 && sent > rate * (t - start)) { // ahead of the rate
            struct timespec pause = {0, 50000};
            nanosleep(&pause, NULL);
            continue;
        }
        int n = sendmmsg(fd[flow], messages, BATCH, 0);
        if (n > 0) sent += n;
    }
    printf("%ld sent %.0f pps\n", sent, sent / (t - start));
    return 0;
}

static int count(int port, double seconds) {
    static char buffers[BATCH][RECEIVE_BYTES];
    int fd = socket(AF_INET, SOCK_DGRAM, 0), buffer = RECEIVE_BUFFER;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer);
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (bind(fd, (struct sockaddr *)&here, sizeof here)) {
        perror("bind");
        return 1;
    }
    struct timeval timeout = {0, 200000};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);

    struct iovec io[BATCH];
    struct mmsghdr messages[BATCH];
    memset(messages, 0, sizeof messages);
    for (int i = 0; i < BATCH; i++) {
        io[i] = (struct iovec){buffers[i], RECEIVE_BYTES};
        messages[i].msg_hdr.msg_iov = &io[i];
        messages[i].msg_hdr.msg_iovlen = 1;
    }

    long received = 0;
    double start = now(), first = 0, last = 0;
    while (now() - start < seconds) {
        int n = recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, NULL);
        if (n <= 0) continue;
        last = now();
        if (!first) first = last;
        received += n;
    }
    printf("%ld received %.0f pps\n", received, last > first ? received / (last - first) : 0);
    return 0;
}

int main(int argc, char **argv) {
    if (argc >= 7 && !strcmp(argv[1], "send"))
        return blast(argv[2], atoi(argv[3]), atoi(argv[4]), atof(argv[5]), atoi(argv[6]), argc > 7 ? atof(argv[7]) : 0);
    if (argc >= 4 && !strcmp(argv[1], "recv")) return count(atoi(argv[2]), atof(argv[3]));
    fprintf(stderr, "usage: blast send IP PORT SIZE SECONDS FLOWS [RATE] | blast recv PORT SECONDS\n");
    return 2;
}
