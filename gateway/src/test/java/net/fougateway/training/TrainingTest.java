package net.fougateway.training;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class TrainingTest {

    @Test
    void packetsGoOutAndComeBackWithoutPrivileges() throws Exception {
        assertTrue(Training.run(Duration.ofSeconds(1)) > 0);
    }
}
