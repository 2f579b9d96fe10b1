/** Packets shown to whoever asks: copied on the packet path, queued, and written as pcapng. */
package net.fougateway.capture;
