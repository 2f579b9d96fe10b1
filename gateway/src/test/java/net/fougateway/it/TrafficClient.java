package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** The near end of test traffic, to be called in a namespace ({@link Namespace#call}), against a {@link TrafficServer}. */
final class TrafficClient {

    private static final int CONNECT_MILLIS = 20_000;
    private static final int READ_MILLIS = 60_000;
    private static final int ECHO_MILLIS = 5000;

    private final InetSocketAddress server;
    private final Random random = new Random(1);

    TrafficClient(String address, int port) {
        server = new InetSocketAddress(address, port);
    }

    /** Sends {@code bytes} by TCP, then receives as many; fails unless the SHA-256 are equal at both ends. */
    Void transfer(long bytes) throws IOException, InterruptedException {
        return transfer(bytes, bytes);
    }

    /** As {@link #transfer(long)}, with a number of bytes for each way. */
    Void transfer(long there, long back) throws IOException, InterruptedException {
        try (Socket socket = connect()) {
            socket.setSoTimeout(READ_MILLIS);
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            DataInputStream in = new DataInputStream(socket.getInputStream());
            out.writeLong(there);
            out.writeLong(back);
            byte[] sent = TrafficServer.write(out, there);
            assertThat(in.readNBytes(32)).as("SHA-256 at the server").isEqualTo(sent);
            byte[] received = TrafficServer.read(in, back);
            assertThat(received).as("SHA-256 at the client").isEqualTo(in.readNBytes(32));
        }
        return null;
    }

    /** Sends a datagram of each size and waits for its echo; the sizes that did not come back in time. */
    List<Integer> echo(int... sizes) throws IOException {
        List<Integer> lost = new ArrayList<>();
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(ECHO_MILLIS);
            for (int size : sizes) {
                if (!echoes(socket, size)) {
                    lost.add(size);
                }
            }
        }
        return lost;
    }

    /**
     * Echoes a small datagram over each of {@code flows} sockets, and again where it does not come back, because an emulated machine at the
     * other end may lose one; how many flows got no echo at all.
     */
    int flows(int flows) throws IOException {
        int lost = 0;
        for (int i = 0; i < flows; i++) {
            try (DatagramSocket socket = new DatagramSocket()) {
                socket.setSoTimeout(ECHO_MILLIS);
                boolean first = echoes(socket, 64);
                lost += first || echoes(socket, 64) ? 0 : 1;
            }
        }
        return lost;
    }

    private boolean echoes(DatagramSocket socket, int size) throws IOException {
        byte[] payload = new byte[size];
        random.nextBytes(payload);
        socket.send(new DatagramPacket(payload, size, server));
        return comesBack(socket, payload);
    }

    /** Sends datagrams of {@code size} bytes until interrupted, as fast as it can. */
    Void flood(int size) throws IOException {
        try (DatagramSocket socket = new DatagramSocket()) {
            DatagramPacket packet = new DatagramPacket(new byte[size], size, server);
            while (!Thread.currentThread().isInterrupted()) {
                sendIfPossible(socket, packet);
            }
        }
        return null;
    }

    /** A device that goes away under the flood is what some tests want to see. */
    private static void sendIfPossible(DatagramSocket socket, DatagramPacket packet) {
        try {
            socket.send(packet);
        } catch (IOException noRoute) {
            Thread.onSpinWait();
        }
    }

    private static boolean comesBack(DatagramSocket socket, byte[] payload) throws IOException {
        DatagramPacket reply = new DatagramPacket(new byte[65535], 65535);
        try {
            do {
                reply.setLength(65535);
                socket.receive(reply);
            } while (!Arrays.equals(payload, Arrays.copyOf(reply.getData(), reply.getLength())));
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        }
    }

    /** The server may still be starting. */
    private Socket connect() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + CONNECT_MILLIS * 1_000_000L;
        while (true) {
            Socket socket = new Socket();
            try {
                socket.connect(server, CONNECT_MILLIS);
                return socket;
            } catch (ConnectException e) {
                socket.close();
                if (System.nanoTime() > deadline) {
                    throw e;
                }
                Thread.sleep(100);
            }
        }
    }
}
