/**
 * How a gateway takes the place of one that runs, without a lost packet: open queues and sockets go from process to process, packets wait in
 * them meanwhile.
 */
package net.fougateway.takeover;
