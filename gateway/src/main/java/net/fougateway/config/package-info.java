/**
 * Configuration: {@link net.fougateway.config.GatewayConfig} is the one table of settings; file, environment, flags, JSON
 * Schema and documentation follow from it.
 */
package net.fougateway.config;
