package net.fougateway.config;

/** The switch that {@code device.mode: tap} is. */
public record EthernetSettings(
        @Setting(def = "true", doc = "Learn from the source MAC addresses of frames at which peer they are.")
        boolean learning,

        @Setting(def = "300", doc = "Seconds after which a learned address that was not seen is forgotten.")
        @Range(min = 1, max = 1_000_000)
        int age,

        @Setting(def = "8192", doc = "Most learned addresses; what does not fit is not learned.")
        @Range(min = 16, max = 1_000_000)
        int entries,

        @Setting(
                def = "1000",
                doc =
                        "Most frames a second to all peers that have flood, for each cause: broadcast, multicast, unknown destinations. 0: none.")
        @Range(min = 0, max = 1_000_000)
        int flood) {

    /** What holds where nothing is said. */
    static final EthernetSettings DEFAULT = new EthernetSettings(true, 300, 8192, 1000);
}
