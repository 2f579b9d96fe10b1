/**
 * Bytes in, bytes out: IP headers, encapsulations, checksums, ECN, flow hash, segmentation.
 *
 * <p>Nothing here does I/O, starts a thread, reads a clock or logs. Functions take a {@link java.nio.ByteBuffer} and an
 * absolute offset, never move its position, and answer with a verdict instead of an exception. All multi-byte header
 * fields are in network byte order on the wire; values handed in and out are plain Java numbers.
 */
package net.fougateway.codec;
