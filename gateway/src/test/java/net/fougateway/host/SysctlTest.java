package net.fougateway.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SysctlTest {

    @TempDir
    private Path root;

    @Test
    void readsNumbersAndNothingElse() throws Exception {
        Files.createDirectories(root.resolve("net/ipv4"));
        Files.writeString(root.resolve("net/ipv4/ip_forward"), "1\n");
        Files.writeString(root.resolve("net/ipv4/ip_local_port_range"), "32768\t60999\n");
        Sysctl sysctl = new Sysctl(root);
        assertThat(sysctl.read("net/ipv4/ip_forward")).hasValue(1);
        assertThat(sysctl.read("net/ipv4/ip_local_port_range")).isEmpty();
        assertThat(sysctl.read("net/netfilter/nf_conntrack_max")).isEmpty();
    }

    @Test
    void readsTheKernel() {
        assertThat(new Sysctl(Path.of("/proc/sys")).read("net/ipv4/conf/lo/rp_filter"))
                .isPresent();
    }

    @Test
    void nameKeepsTheDotsOfADevice() {
        assertThat(Sysctl.name("net/ipv4/conf/fou.7/rp_filter")).isEqualTo("net.ipv4.conf.fou/7.rp_filter");
    }
}
