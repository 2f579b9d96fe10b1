package net.fougateway.admin;

import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * What somebody asks the admin port.
 *
 * @param path without the query
 * @param query behind the question mark, decoded; empty where there is none
 * @param headers looks a header up, by name in any case
 * @param client outer end of the connection
 * @param server our end
 */
record Request(
        String method, String path, String query, Headers headers, InetSocketAddress client, InetSocketAddress server) {

    /** Headers by name. */
    interface Headers {
        /** The first value, or {@code null}. */
        String first(String name);
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
