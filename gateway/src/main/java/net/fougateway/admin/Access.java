package net.fougateway.admin;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import net.fougateway.config.WebAccess;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a {@link WebAccess} says, ready to be applied to connections. */
final class Access implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Access.class);
    private static final List<String> SUITES_OF_TLS_1_3 =
            List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");

    private final WebAccess access;
    private final Optional<SslContext> tls;
    private final Passwords passwords;

    Access(WebAccess access) {
        this.access = access;
        tls = access.tls().map(Access::context);
        passwords = new Passwords(access.passwordHashes());
        access.tls().ifPresent(configured -> warnWhenInvalid(configured.chain().get(0)));
    }

    private static SslContext context(WebAccess.Tls tls) {
        SslContextBuilder builder = SslContextBuilder.forServer(
                        tls.key(), tls.chain().toArray(new X509Certificate[0]))
                .sslProvider(SslProvider.JDK)
                .protocols(tls.protocols())
                .clientAuth(clientAuth(tls.clients()));
        if (!tls.cipherSuites().isEmpty()) {
            builder.ciphers(withSuitesOfTls13(tls.cipherSuites()));
        }
        if (tls.clients().isVerified()) {
            builder.trustManager(tls.authorities().toArray(new X509Certificate[0]));
        } else {
            builder.trustManager(InsecureTrustManagerFactory.INSTANCE);
        }
        try {
            return builder.build();
        } catch (SSLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The configured ones concern TLS 1.2, as in Go. */
    private static List<String> withSuitesOfTls13(List<String> configured) {
        List<String> suites = new ArrayList<>(SUITES_OF_TLS_1_3);
        configured.stream().filter(suite -> !suites.contains(suite)).forEach(suites::add);
        return suites;
    }

    private static ClientAuth clientAuth(WebAccess.ClientCertificate clients) {
        if (clients == WebAccess.ClientCertificate.NOT_ASKED) {
            return ClientAuth.NONE;
        }
        return clients.isRequired() ? ClientAuth.REQUIRE : ClientAuth.OPTIONAL;
    }

    private static void warnWhenInvalid(X509Certificate certificate) {
        try {
            certificate.checkValidity();
        } catch (CertificateExpiredException e) {
            log.warn("the admin port's certificate has expired on {}: give a new one", certificate.getNotAfter());
        } catch (CertificateNotYetValidException e) {
            log.warn("the admin port's certificate is not valid before {}", certificate.getNotBefore());
        }
    }

    boolean isOf(WebAccess other) {
        return access.equals(other);
    }

    /** The TLS end of a new connection; empty for plain HTTP. */
    Optional<SslHandler> tls(ByteBufAllocator allocator) {
        return tls.map(context -> context.newHandler(allocator));
    }

    Passwords passwords() {
        return passwords;
    }

    /** Headers of every answer. */
    Map<String, String> headers() {
        return access.headers();
    }

    /** Why the client at the other end may not ask, after the handshake; empty when it may. */
    Optional<String> objection(SslHandler handshaken) {
        List<String> allowed = access.tls().map(WebAccess.Tls::allowedNames).orElse(List.of());
        if (allowed.isEmpty()) {
            return Optional.empty();
        }
        try {
            X509Certificate client =
                    (X509Certificate) handshaken.engine().getSession().getPeerCertificates()[0];
            List<String> names = names(client);
            return names.stream().anyMatch(allowed::contains)
                    ? Optional.empty()
                    : Optional.of("the names of its certificate, " + names + ", are not in client_allowed_sans");
        } catch (SSLPeerUnverifiedException noCertificateShown) {
            return Optional.empty();
        } catch (CertificateParsingException e) {
            return Optional.of("its certificate cannot be read: " + e.getMessage());
        }
    }

    private static List<String> names(X509Certificate certificate) throws CertificateParsingException {
        Collection<List<?>> names = certificate.getSubjectAlternativeNames();
        return names == null
                ? List.of()
                : names.stream()
                        .map(name -> name.get(1))
                        .filter(String.class::isInstance)
                        .map(String.class::cast)
                        .toList();
    }

    @Override
    public void close() {
        passwords.close();
    }
}
