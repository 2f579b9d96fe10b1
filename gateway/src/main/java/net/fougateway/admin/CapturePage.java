package net.fougateway.admin;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import net.fougateway.capture.Capture;
import net.fougateway.capture.CapturedPacket;
import net.fougateway.capture.Captures;
import net.fougateway.capture.PcapNg;
import net.fougateway.capture.Tap;
import net.fougateway.metrics.Version;

/**
 * {@code /capture}: packets in pcapng, a part for each request. The first request, with {@code drops} and {@code snaplen}, starts a
 * capture; its answer has the number for the next requests ({@code session}) as {@code Capture-Session}. All bodies behind one another
 * are the file. A request waits for the first packet for a second. Only root and the gateway's own user on this host may start one.
 */
final class CapturePage {

    /** What no page of somebody else's, and no plain proxy, sends. */
    private static final String CLIENT_HEADER = "Fou-Gateway-Client";

    private static final Duration PATIENCE = Duration.ofSeconds(1);
    private static final int MOST_PACKETS = 1000;

    private final Captures captures;

    CapturePage(Captures captures) {
        this.captures = captures;
    }

    Response answer(Request request) {
        try {
            Map<String, String> parameters = parameters(request);
            if (!request.method().equals("GET")) {
                return Response.text(405, "only GET is answered here\n");
            }
            return parameters.containsKey("session") || isTrusted(request) ? part(parameters) : refusal();
        } catch (IllegalArgumentException e) {
            return Response.text(400, e.getMessage() + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isTrusted(Request request) throws IOException {
        return request.header(CLIENT_HEADER).isPresent()
                && switch (request.way().protection()) {
                    case UNIX -> true;
                    case TLS -> isOwn(request.way());
                    case PLAIN -> SafeHosts.isAddress(request.host()) && isOwn(request.way());
                };
    }

    private static boolean isOwn(Request.Way way) throws IOException {
        OptionalInt uid = LocalUser.at((InetSocketAddress) way.client(), (InetSocketAddress) way.server());
        return uid.isPresent() && (uid.getAsInt() == 0 || uid.getAsInt() == LocalUser.own());
    }

    private static Response refusal() throws IOException {
        return Response.text(
                403,
                "packets are shown only to root and to uid " + LocalUser.own()
                        + ", the gateway's user, on the gateway's own host, asked by address: run fou-gateway capture there "
                        + "(sudo, docker exec, kubectl exec)\n");
    }

    private static Map<String, String> parameters(Request request) {
        return Arrays.stream(request.query().split("&"))
                .map(parameter -> parameter.split("=", 2))
                .collect(Collectors.toMap(pair -> pair[0], pair -> pair.length < 2 ? "" : pair[1], (one, two) -> two));
    }

    private Response part(Map<String, String> parameters) {
        int most = (int) number(parameters, "most", MOST_PACKETS);
        if (!parameters.containsKey("session")) {
            int snapBytes = (int) number(parameters, "snaplen", Tap.MAX_BYTES);
            Capture capture = captures.start(Boolean.parseBoolean(parameters.get("drops")), snapBytes);
            return part(capture, captures.file().begin(Version.TEXT, snapBytes), most);
        }
        return captures.find(number(parameters, "session", Long.MAX_VALUE))
                .map(capture -> part(capture, captures.file(), most))
                .orElseGet(() -> Response.text(
                        410, "this capture has ended: another one was started, or it was not read for 5 seconds\n"));
    }

    private static long number(Map<String, String> parameters, String name, long most) {
        String text = parameters.getOrDefault(name, Long.toString(most));
        if (!text.matches("[1-9]\\d{0,18}")) {
            throw new IllegalArgumentException(name + " is '" + text + "': give a number of at least 1");
        }
        return new BigInteger(text).min(BigInteger.valueOf(most)).longValue();
    }

    private static Response part(Capture capture, PcapNg file, int most) {
        List<CapturedPacket> packets = take(capture, most);
        packets.forEach(file::packet);
        Map<String, String> headers = Map.of(
                "Capture-Session", Long.toString(capture.id()),
                "Capture-Packets", Integer.toString(packets.size()),
                "Capture-Missed", Long.toString(capture.missed()));
        return new Response(200, "application/x-pcapng", headers, file.bytes());
    }

    private static List<CapturedPacket> take(Capture capture, int most) {
        try {
            return capture.take(most, PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        }
    }
}
