/**
 * {@code fou-gateway demo}: {@link net.fougateway.demo.Demo} tells the story from top to bottom, the other classes are its
 * props. What it puts on the host is in {@link net.fougateway.demo.Traces}.
 */
package net.fougateway.demo;
