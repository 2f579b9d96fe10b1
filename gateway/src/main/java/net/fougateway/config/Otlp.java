package net.fougateway.config;

import java.net.URI;

/** Push to an OpenTelemetry collector. {@link #url} is null for none. */
public record Otlp(
        @Setting(doc = "Where the collector takes metrics; absent: nothing is pushed.")
        URI url,

        @Setting(key = "interval", def = "60", doc = "Seconds from one push to the next.") @Range(min = 1, max = 3600)
        int intervalSeconds) {}
