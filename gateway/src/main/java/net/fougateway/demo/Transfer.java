package net.fougateway.demo;

import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * One way of a TCP transfer through the tunnel.
 *
 * @param bytes payload
 * @param nanos from the first byte sent to the last received
 * @param sentSha256 checksum at the sender, taken before
 * @param receivedSha256 checksum at the receiver, taken after
 */
record Transfer(int bytes, long nanos, String sentSha256, String receivedSha256) {

    /** Sends random bytes {@code from} one side to the other. */
    static Transfer run(Side from, int bytes) throws Exception {
        byte[] sent = new byte[bytes];
        new SplittableRandom(bytes).nextBytes(sent);
        byte[] received = new byte[bytes];
        long nanos = move(from, sent, received);
        return new Transfer(bytes, nanos, sha256(sent), sha256(received));
    }

    private static long move(Side from, byte[] sent, byte[] received) throws Exception {
        try (TcpPair connection = TcpPair.connect(from)) {
            long begin = System.nanoTime();
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> send(connection, sent));
            connection.server().getInputStream().readNBytes(received, 0, received.length);
            long end = System.nanoTime();
            sending.join();
            return end - begin;
        }
    }

    private static void send(TcpPair connection, byte[] data) {
        try {
            connection.client().getOutputStream().write(data);
        } catch (Exception e) {
            throw new CompletionException(e);
        }
    }

    private static String sha256(byte[] data) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(data));
    }

    boolean isIntact() {
        return sentSha256.equals(receivedSha256);
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%d MB in %.2f s, %.2f Gbit/s, SHA-256 %s… at both ends",
                bytes / 1_000_000,
                nanos / 1e9,
                8.0 * bytes / nanos,
                sentSha256.substring(0, 16));
    }
}
