package net.fougateway.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Map;

/**
 * What the admin port answers.
 *
 * @param headers beside {@code Content-Type}
 */
@SuppressWarnings("ArrayRecordComponent")
record Response(int code, String contentType, Map<String, String> headers, byte[] body) {

    static final String TEXT = "text/plain; charset=utf-8";

    Response(int code, String contentType, byte[] body) {
        this(code, contentType, Map.of(), body);
    }

    Response(int code, String contentType, String text) {
        this(code, contentType, text.getBytes(UTF_8));
    }

    /** Plain text. */
    static Response text(int code, String text) {
        return new Response(code, TEXT, text);
    }

    /** Plain text with one more header. */
    static Response text(int code, String text, String header, String value) {
        return new Response(code, TEXT, Map.of(header, value), text.getBytes(UTF_8));
    }
}
