package net.fougateway.config;

/** UDP ports from {@code min} to {@code max}, both included. */
public record SourcePortRange(int min, int max) {}
