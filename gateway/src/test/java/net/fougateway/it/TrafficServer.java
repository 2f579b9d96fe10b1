package net.fougateway.it;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Random;

/**
 * The far end of test traffic: echoes UDP, and over TCP takes bytes and gives bytes, each way with their SHA-256. Needs the
 * JDK only, so that it runs in a guest kernel as well as in a namespace.
 *
 * <p>A TCP client sends two longs, how many bytes it will send and how many it wants; then its bytes, for which it gets the
 * 32 bytes of their SHA-256; then it gets its bytes, followed by the 32 bytes of theirs.
 */
final class TrafficServer implements Closeable {

    private static final int BLOCK = 65536;

    private final DatagramSocket udp;
    private final ServerSocket tcp;

    /** Serves {@code port} in the namespace of the calling thread, in the background. */
    TrafficServer(int port) throws IOException {
        udp = new DatagramSocket(port);
        tcp = new ServerSocket(port);
        background(this::echo);
        background(this::accept);
    }

    /** Serves the port that is the only argument. */
    @SuppressWarnings("resource")
    public static void main(String[] arguments) throws Exception {
        new TrafficServer(Integer.parseInt(arguments[0]));
        Thread.currentThread().join();
    }

    @Override
    public void close() throws IOException {
        udp.close();
        tcp.close();
    }

    /** Writes {@code bytes} random bytes; their SHA-256. */
    static byte[] write(OutputStream out, long bytes) throws IOException {
        MessageDigest digest = sha256();
        Random random = new Random();
        byte[] block = new byte[BLOCK];
        for (long left = bytes; left > 0; left -= block.length) {
            random.nextBytes(block);
            int length = (int) Math.min(left, block.length);
            digest.update(block, 0, length);
            out.write(block, 0, length);
        }
        out.flush();
        return digest.digest();
    }

    /** Reads {@code bytes} bytes; their SHA-256. */
    static byte[] read(InputStream in, long bytes) throws IOException {
        MessageDigest digest = sha256();
        byte[] block = new byte[BLOCK];
        for (long left = bytes; left > 0; ) {
            int length = in.read(block, 0, (int) Math.min(left, block.length));
            if (length < 0) {
                throw new EOFException(left + " of " + bytes + " bytes missing");
            }
            digest.update(block, 0, length);
            left -= length;
        }
        return digest.digest();
    }

    private void echo() throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[65535], 65535);
        while (true) {
            packet.setLength(65535);
            udp.receive(packet);
            udp.send(packet);
        }
    }

    private void accept() throws IOException {
        while (true) {
            Socket socket = tcp.accept();
            background(() -> serve(socket));
        }
    }

    private static void serve(Socket connection) throws IOException {
        try (Socket socket = connection) {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            OutputStream out = socket.getOutputStream();
            long coming = in.readLong();
            long wanted = in.readLong();
            out.write(read(in, coming));
            out.write(write(out, wanted));
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A server's thread ends when its socket is closed, from here or from afar. */
    private static void background(Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (IOException closed) {
                return;
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private interface Work {
        void run() throws IOException;
    }
}
