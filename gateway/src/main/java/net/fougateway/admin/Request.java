package net.fougateway.admin;

import java.net.SocketAddress;
import java.util.Optional;

/**
 * What somebody asks the admin port.
 *
 * @param path without the query
 * @param query behind the question mark, decoded; empty where there is none
 * @param headers looks a header up, by name in any case
 * @param way how it came here
 * @param known true when the client has shown what is asked for, a password for example
 */
record Request(String method, String path, String query, Headers headers, Way way, boolean known) {

    /** Headers by name. */
    interface Headers {
        /** The first value, or {@code null}. */
        String first(String name);
    }

    /** What protects a connection. */
    enum Protection {
        /** Nothing. */
        PLAIN,
        /** TLS, so that the client knows whom it asks. */
        TLS,
        /** The permissions of a Unix socket. */
        UNIX
    }

    /**
     * A connection.
     *
     * @param client outer end
     * @param server our end
     */
    record Way(Protection protection, SocketAddress client, SocketAddress server) {}

    /** The same from somebody who has shown nothing. */
    Request asStranger() {
        return new Request(method, path, query, headers, way, false);
    }

    /** The first value of a header. */
    Optional<String> header(String name) {
        return Optional.ofNullable(headers.first(name));
    }

    /** The host that the client believes to talk to, without port and brackets; empty where it does not say. */
    String host() {
        return header("Host").orElse("").replaceFirst(":\\d*$", "").replaceAll("[\\[\\]]", "");
    }
}
