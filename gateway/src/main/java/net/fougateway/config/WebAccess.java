package net.fougateway.config;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Who may ask the admin port, and how; two are equal when nothing has changed.
 *
 * @param passwordHashes bcrypt hashes by name; empty: nobody is asked for a password
 * @param headers of every answer
 */
public record WebAccess(Optional<Tls> tls, Map<String, String> passwordHashes, Map<String, String> headers) {

    /** Everybody may ask, in plain HTTP. */
    public static final WebAccess OPEN = new WebAccess(Optional.empty(), Map.of(), Map.of());

    /**
     * TLS.
     *
     * @param chain the server's certificate first
     * @param authorities of clients; empty unless {@code clients} are verified
     * @param allowedNames alternative names of which a client's certificate has one; empty: any
     * @param protocols such as {@code TLSv1.3}
     * @param cipherSuites empty: those of the JDK
     */
    public record Tls(
            PrivateKey key,
            List<X509Certificate> chain,
            ClientCertificate clients,
            List<X509Certificate> authorities,
            List<String> allowedNames,
            List<String> protocols,
            List<String> cipherSuites) {}

    /** Whether clients show a certificate, and whether one of the authorities must have signed it. */
    public enum ClientCertificate {
        NOT_ASKED,
        ASKED,
        ANY,
        VERIFIED_IF_SHOWN,
        VERIFIED;

        /** Whether there is a handshake without one. */
        public boolean isRequired() {
            return this == ANY || this == VERIFIED;
        }

        /** Whether one that no authority has signed is refused. */
        public boolean isVerified() {
            return this == VERIFIED || this == VERIFIED_IF_SHOWN;
        }
    }
}
