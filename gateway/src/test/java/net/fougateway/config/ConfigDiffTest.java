package net.fougateway.config;

import static net.fougateway.config.Configs.load;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ConfigDiffTest {

    private static final String PEER = "{name: a, remote: 192.0.2.1, allowed_ips: [10.0.0.0/8]}";

    private static ConfigDiff diff(String before, String after) throws ConfigException {
        return ConfigDiff.between(load(before), load(after));
    }

    @Test
    void nothingDiffersFromItself() throws ConfigException {
        assertThat(diff("peers: [" + PEER + "]", "peers: [" + PEER + "]").isEmpty())
                .isTrue();
    }

    @Test
    void peersAreComparedByName() throws ConfigException {
        ConfigDiff diff = diff(
                "peers: [" + PEER + ", {name: b, remote: 192.0.2.2, allowed_ips: [11.0.0.0/8]}]",
                "peers: [{name: c, remote: 192.0.2.3, allowed_ips: [12.0.0.0/8]},"
                        + " {name: a, remote: 192.0.2.9, gre: {key: 7}, allowed_ips: [10.0.0.0/8, 13.0.0.0/8]}]");

        assertThat(diff.changes())
                .containsExactlyInAnyOrder(
                        "peers[c]: added",
                        "peers[b]: removed",
                        "peers[a].remote: 192.0.2.1 → 192.0.2.9",
                        "peers[a].gre.key: none → 7",
                        "peers[a].allowed_ips: [10.0.0.0/8] → [10.0.0.0/8, 13.0.0.0/8]");
        assertThat(diff.needRestart()).isEmpty();
    }

    @Test
    void whatNeedsARestartIsNamed() throws ConfigException {
        ConfigDiff diff = diff(
                "{}", "device: {name: fou1}\nsource_ports: {sockets: 16}\nsource_check: loose\nlog: {level: debug}");

        assertThat(diff.changes()).containsExactly("source_check: strict → loose", "log.level: info → debug");
        assertThat(diff.needRestart()).containsExactly("device.name: fou0 → fou1", "source_ports.sockets: 1024 → 16");
    }

    @Test
    void onlyPartOfASectionMayBeLive() throws ConfigException {
        GatewayConfig before = load("{}");
        GatewayConfig after = load(
                "admin: {listen: [\"[::1]:80\", \"unix:/run/a.sock\"], web_config: web.yaml}\nlog: {format: json}");
        ConfigDiff diff = ConfigDiff.between(before, after);
        assertThat(diff.changes()).containsExactly("admin.web_config: none → web.yaml", "log.format: text → json");
        assertThat(diff.needRestart()).containsExactly("admin.listen: 127.0.0.1:15555 → [::1]:80, unix:/run/a.sock");

        GatewayConfig live = ConfigDiff.live(before, after);
        assertThat(live.admin().listen()).isEqualTo(before.admin().listen());
        assertThat(live.admin().webConfig()).isEqualTo("web.yaml");
        assertThat(live.log()).isEqualTo(after.log());
        assertThat(ConfigDiff.between(live, after).changes()).isEmpty();
        assertThat(ConfigDiff.between(before, live).needRestart()).isEmpty();
    }
}
