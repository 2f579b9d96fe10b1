package net.fougateway.it;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A DNS server that knows the addresses of a few names and can change its mind. */
final class NameServer implements Closeable {

    private static final int PORT = 53;
    private static final int HEADER_BYTES = 12;
    private static final int QUERY_BYTES = 1500;
    private static final int ANSWER = 0x8580;
    private static final int NO_SUCH_NAME = 3;
    private static final int TYPE_A = 1;
    private static final int TYPE_AAAA = 28;
    private static final int TTL_SECONDS = 3600;

    private final Map<String, List<InetAddress>> zone = new ConcurrentHashMap<>();
    private final DatagramSocket socket;

    private NameServer(DatagramSocket socket) {
        this.socket = socket;
    }

    /** Serves all who reach {@code host}. */
    static NameServer start(Namespace host) throws Exception {
        NameServer server = new NameServer(host.call(() -> new DatagramSocket(PORT)));
        Thread thread = new Thread(server::serve, "name server in " + host.name());
        thread.setDaemon(true);
        thread.start();
        return server;
    }

    /** Makes what runs in {@code host} from now on ask the server at {@code address}, which need not be there yet. */
    static void use(Lab lab, Namespace host, String address) throws IOException {
        Path directory = Files.createDirectories(Path.of("/etc/netns", host.name()));
        Path file = directory.resolve("resolv.conf");
        lab.own(() -> {
            Files.deleteIfExists(file);
            Files.deleteIfExists(directory);
        });
        Files.writeString(file, "nameserver " + address + "\noptions timeout:1 attempts:1\n");
    }

    /** From now on {@code name} has these addresses. */
    void put(String name, String... addresses) throws IOException {
        List<InetAddress> parsed =
                Arrays.stream(addresses).map(NameServer::parse).toList();
        zone.put(name, parsed);
    }

    private static InetAddress parse(String address) {
        try {
            return InetAddress.getByName(address);
        } catch (IOException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private void serve() {
        byte[] query = new byte[QUERY_BYTES];
        while (!socket.isClosed()) {
            try {
                DatagramPacket packet = new DatagramPacket(query, query.length);
                socket.receive(packet);
                byte[] answer = answer(ByteBuffer.wrap(query, 0, packet.getLength()));
                socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
            } catch (IOException e) {
                return;
            }
        }
    }

    /** To the one question of {@code query}: its name, type and class, and the addresses of that type. */
    private byte[] answer(ByteBuffer query) {
        int id = query.getShort(0);
        query.position(HEADER_BYTES);
        String name = name(query);
        int type = query.getShort();
        byte[] question = new byte[query.position() + Short.BYTES - HEADER_BYTES];
        query.get(HEADER_BYTES, question);
        List<InetAddress> known = zone.getOrDefault(name, List.of());
        List<InetAddress> answers = known.stream()
                .filter(address -> type == (address.getAddress().length == 4 ? TYPE_A : TYPE_AAAA))
                .toList();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        shorts(out, id, known.isEmpty() ? ANSWER | NO_SUCH_NAME : ANSWER, 1, answers.size(), 0, 0);
        out.writeBytes(question);
        for (InetAddress address : answers) {
            byte[] bytes = address.getAddress();
            shorts(out, 0xc000 | HEADER_BYTES, type, 1, 0, TTL_SECONDS, bytes.length);
            out.writeBytes(bytes);
        }
        return out.toByteArray();
    }

    private static String name(ByteBuffer query) {
        StringBuilder name = new StringBuilder();
        for (int length = query.get(); length > 0; length = query.get()) {
            byte[] label = new byte[length];
            query.get(label);
            name.append(name.isEmpty() ? "" : ".").append(new String(label, StandardCharsets.US_ASCII));
        }
        return name.toString();
    }

    private static void shorts(ByteArrayOutputStream out, int... values) {
        for (int value : values) {
            out.write(value >> 8);
            out.write(value);
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
