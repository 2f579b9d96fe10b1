package net.fougateway.config;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.CertificateBuilder.Algorithm;
import io.netty.pkitesting.CertificateBuilder.ExtendedKeyUsage;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;

/** An authority, and certificates that it signs, written in PEM form to a directory. */
public final class Certificates {

    private final Path directory;
    private final X509Bundle authority;

    /** A new authority, in the file {@code ca.pem}. */
    public Certificates(Path directory) {
        this(directory, "ca.pem");
    }

    /** A new authority, in the file {@code name}. */
    public Certificates(Path directory, String name) {
        this.directory = directory;
        try {
            authority = new CertificateBuilder()
                    .algorithm(Algorithm.ecp256)
                    .subject("CN=" + name)
                    .setIsCertificateAuthority(true)
                    .buildSelfSigned();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        write(name, authority.getCertificatePEM());
    }

    /** Files {@code NAME.pem} and {@code NAME-key.pem} for a server on this host. */
    public X509Bundle server(String name) {
        return issue(
                name,
                builder(name).addSanIpAddress("127.0.0.1").addSanDnsName("localhost"),
                ExtendedKeyUsage.PKIX_KP_SERVER_AUTH);
    }

    /** Files {@code NAME.pem} and {@code NAME-key.pem} for the client of this name. */
    public X509Bundle client(String name) {
        return issue(name, builder(name).addSanDnsName(name), ExtendedKeyUsage.PKIX_KP_CLIENT_AUTH);
    }

    static CertificateBuilder builder(String name) {
        return new CertificateBuilder()
                .algorithm(Algorithm.ecp256)
                .subject("CN=" + name)
                .notBefore(Instant.now().minus(1, ChronoUnit.DAYS));
    }

    private X509Bundle issue(String name, CertificateBuilder builder, ExtendedKeyUsage usage) {
        try {
            X509Bundle bundle = builder.addExtendedKeyUsage(usage).buildIssuedBy(authority);
            write(name + ".pem", bundle.getCertificatePEM());
            write(name + "-key.pem", bundle.getPrivateKeyPEM());
            return bundle;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** A block in PEM form. */
    static String pem(String label, byte... bytes) {
        return "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n"
                .formatted(label, Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes));
    }

    private void write(String name, String text) {
        try {
            Files.writeString(directory.resolve(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
