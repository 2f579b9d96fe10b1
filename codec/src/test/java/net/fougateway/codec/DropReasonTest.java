package net.fougateway.codec;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DropReasonTest {

    @ParameterizedTest
    @EnumSource
    void everyReasonTellsWhatHappenedAndWhatToDo(DropReason reason) {
        assertThat(reason.slug()).matches("[a-z]+(_[a-z]+)*");
        assertThat(reason.meaning()).hasSizeGreaterThan(10).endsWith(".");
        assertThat(reason.remedy()).hasSizeGreaterThan(10).endsWith(".");
        assertThat(reason.in(Direction.UDP_TO_TUN) || reason.in(Direction.TUN_TO_UDP))
                .isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void directionsHaveLabels(Direction direction) {
        assertThat(direction.label()).isIn("udp_to_tun", "tun_to_udp");
        assertThat(DropReason.PKT_TOO_SMALL.in(direction)).isTrue();
        assertThat(DropReason.UNKNOWN_PEER.in(direction)).isEqualTo(direction == Direction.UDP_TO_TUN);
        assertThat(DropReason.NO_ROUTE.in(direction)).isEqualTo(direction == Direction.TUN_TO_UDP);
    }
}
