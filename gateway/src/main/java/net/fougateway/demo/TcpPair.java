package net.fougateway.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import net.fougateway.linux.NetworkNamespace;

/**
 * Both ends of a TCP connection through the tunnel. Sockets stay in the network namespace in which they were opened, so any
 * thread may use them.
 */
record TcpPair(Socket client, Socket server) implements AutoCloseable {

    private static final int TIMEOUT_MILLIS = 10_000;

    /** Connects {@code from} one side to the other. */
    static TcpPair connect(Side from) throws Exception {
        InetAddress address = InetAddress.getByName(from.other().tunnelIpv4());
        try (ServerSocket listener =
                NetworkNamespace.call(from.other().namespace(), () -> new ServerSocket(0, 1, address))) {
            listener.setSoTimeout(TIMEOUT_MILLIS);
            Socket client = NetworkNamespace.call(from.namespace(), () -> connect(listener));
            Socket server = listener.accept();
            server.setSoTimeout(TIMEOUT_MILLIS);
            return new TcpPair(client, server);
        }
    }

    private static Socket connect(ServerSocket listener) throws IOException {
        Socket socket = new Socket();
        socket.connect(new InetSocketAddress(listener.getInetAddress(), listener.getLocalPort()), TIMEOUT_MILLIS);
        return socket;
    }

    @Override
    public void close() throws IOException {
        client.close();
        server.close();
    }
}
