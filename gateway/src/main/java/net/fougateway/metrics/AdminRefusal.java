package net.fougateway.metrics;

/** Why the admin port did not answer what it was asked: the values of a label of a metric. */
public enum AdminRefusal {
    PLAIN_HTTP("plain_http", "plain HTTP where TLS is spoken"),
    TLS("tls", "no TLS handshake: no certificate, or none that is accepted"),
    PASSWORD("password", "no password, or a wrong one"),
    HOST("host", "a host name that others may own"),
    MALFORMED("malformed", "no HTTP, too long, with a body"),
    TOO_SLOW("too_slow", "a request that was not finished in time, or an answer that was not read"),
    TOO_MANY("too_many", "too many connections, requests or passwords at once");

    private final String label;
    private final String meaning;

    AdminRefusal(String label, String meaning) {
        this.label = label;
        this.meaning = meaning;
    }

    /** Label value. */
    public String label() {
        return label;
    }

    /** What it stands for, for people. */
    public String meaning() {
        return meaning;
    }
}
