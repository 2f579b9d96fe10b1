package net.fougateway.udp;

/** What the kernel does with DF and path MTUs on a socket: values of {@code IP_MTU_DISCOVER} and {@code IPV6_MTU_DISCOVER}. */
enum PathMtuDiscovery {
    /** No DF; what is larger than the path, as far as the kernel knows it, is fragmented. */
    NONE(0),
    /** DF; the kernel believes what ICMP says, forged or not, and refuses what is larger. */
    KERNEL(2),
    /** DF; the kernel sends whatever its device takes, because the gateway hears ICMP itself and looks closer. */
    OWN(3),
    /** No DF, and ICMP errors about datagrams of the socket change nothing in the kernel: for sockets that only listen. */
    DEAF(5);

    private final int value;

    PathMtuDiscovery(int value) {
        this.value = value;
    }

    int value() {
        return value;
    }
}
