package net.fougateway.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BpfFeaturesTest {

    private static final long NET_ADMIN = 1L << 12;
    private static final long SYS_ADMIN = 1L << 21;
    private static final long PERFMON = 1L << 38;
    private static final long BPF = 1L << 39;

    @Test
    void tellsWhichCapabilitiesAreMissing() {
        assertThat(BpfFeatures.missing(NET_ADMIN | PERFMON | BPF)).isEmpty();
        assertThat(BpfFeatures.missing(NET_ADMIN | SYS_ADMIN)).isEmpty();
        assertThat(BpfFeatures.missing(SYS_ADMIN)).containsExactly("CAP_NET_ADMIN");
        assertThat(BpfFeatures.missing(NET_ADMIN)).containsExactly("CAP_PERFMON", "CAP_BPF");
        assertThat(BpfFeatures.missing(0)).containsExactly("CAP_NET_ADMIN", "CAP_PERFMON", "CAP_BPF");
    }
}
