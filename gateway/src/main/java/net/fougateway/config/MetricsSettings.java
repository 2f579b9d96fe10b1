package net.fougateway.config;

/** Where metrics go beside the admin port. */
public record MetricsSettings(
        @Setting(def = "{}", doc = "Push to an OpenTelemetry collector, in OTLP over HTTP.")
        Otlp otlp) {}
