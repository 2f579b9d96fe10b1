package net.fougateway.admin;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** Who is at the other end of a TCP connection on this host: the kernel tells the owner of each socket of the network namespace. */
final class LocalUser {

    private static final List<Path> TABLES = List.of(Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6"));
    private static final int LOCAL = 1;
    private static final int REMOTE = 2;
    private static final int STATE = 3;
    private static final int UID = 7;
    /** A socket that is being closed is shown as root's. */
    private static final String ESTABLISHED = "01";

    private LocalUser() {}

    /** User id of this process. */
    static int own() throws IOException {
        return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    }

    /**
     * User id of the owner of the socket that is bound to {@code client} and connected to {@code server}.
     *
     * @return empty when there is none, as when the client is on another host, or has gone
     */
    static OptionalInt at(InetSocketAddress client, InetSocketAddress server) throws IOException {
        for (Path table : TABLES) {
            try (Stream<String> lines = Files.exists(table) ? Files.lines(table) : Stream.empty()) {
                OptionalInt uid = lines.skip(1)
                        .map(line -> line.strip().split("\\s+"))
                        .filter(row ->
                                row[STATE].equals(ESTABLISHED) && is(row[LOCAL], client) && is(row[REMOTE], server))
                        .mapToInt(row -> Integer.parseInt(row[UID]))
                        .findFirst();
                if (uid.isPresent()) {
                    return uid;
                }
            }
        }
        return OptionalInt.empty();
    }

    /** The kernel writes an address as 32-bit words in its own byte order, and the port as a number. */
    private static boolean is(String written, InetSocketAddress socket) {
        int colon = written.indexOf(':');
        return Integer.parseInt(written.substring(colon + 1), 16) == socket.getPort()
                && address(HexFormat.of().parseHex(written.substring(0, colon)))
                        .equals(withoutScope(socket.getAddress()));
    }

    private static InetAddress address(byte... words) {
        ByteBuffer written = ByteBuffer.wrap(words);
        ByteBuffer bytes = ByteBuffer.allocate(words.length).order(ByteOrder.nativeOrder());
        while (written.hasRemaining()) {
            bytes.putInt(written.getInt());
        }
        return byAddress(bytes.array());
    }

    private static InetAddress withoutScope(InetAddress address) {
        return byAddress(address.getAddress());
    }

    private static InetAddress byAddress(byte... bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }
}
