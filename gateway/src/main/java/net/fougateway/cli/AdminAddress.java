package net.fougateway.cli;

/** Where an admin port is. */
sealed interface AdminAddress {

    /**
     * A TCP port.
     *
     * @param host name or address, without brackets
     */
    record Tcp(String host, int port, boolean tls) implements AdminAddress {

        /** As the Host header has it. */
        String hostAndPort() {
            return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
        }

        @Override
        public String toString() {
            return (tls ? "https://" : "") + hostAndPort();
        }
    }

    /** A Unix socket. */
    record Unix(String path) implements AdminAddress {

        @Override
        public String toString() {
            return "unix:" + path;
        }
    }
}
