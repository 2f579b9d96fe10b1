package net.fougateway.config;

/** Offloads, each by the name of its gauge. */
@OneForAll
public record Offloads(
        @Setting(
                def = "auto",
                doc = "Transport checksums are left unfinished by the kernel; the rest of tun_* needs it.")
        GatewayConfig.Switch tunChecksum,

        @Setting(def = "auto", doc = "TCP super-packets over IPv4 from and to the device.")
        GatewayConfig.Switch tunTso4,

        @Setting(def = "auto", doc = "TCP super-packets over IPv6 from and to the device.")
        GatewayConfig.Switch tunTso6,

        @Setting(def = "auto", doc = "UDP super-packets from and to the device (kernel 6.2 or newer).")
        GatewayConfig.Switch tunUso,

        @Setting(def = "auto", doc = "UDP_SEGMENT: many datagrams of one size sent as one message.")
        GatewayConfig.Switch udpGso,

        @Setting(def = "auto", doc = "UDP_GRO: many datagrams of one size received as one message.")
        GatewayConfig.Switch udpGro,

        @Setting(
                def = "off",
                doc =
                        "Carry packets by programs in the kernel (Linux 6.6 or newer, CAP_BPF and CAP_PERFMON): receive, both, or auto: both where they suit. Not set by the word that stands for all.")
        Ebpf ebpf) {

    /** Which way programs in the kernel carry packets. */
    public enum Ebpf {
        OFF,
        RECEIVE,
        BOTH,
        AUTO
    }
}
