package net.fougateway.config;

import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Reads the certificates and keys that a section of a configuration names; what is wrong becomes a problem at the key that names it. */
final class PemFiles {

    private final Path base;
    private final String section;
    private final Problems problems;
    private final List<ConfigFile> files = new ArrayList<>();

    /**
     * For a section.
     *
     * @param base the configuration file, to whose directory paths are relative
     */
    PemFiles(Path base, String section, Problems problems) {
        this.base = base;
        this.section = section;
        this.problems = problems;
    }

    /**
     * Two keys, one of which may say something.
     *
     * @param file the path, or null
     * @param inline the text itself, or null
     */
    record Place(String fileKey, String file, String inlineKey, String inline) {

        boolean isAbsent() {
            return file == null && inline == null;
        }
    }

    /** A certificate with those that lead to its authority, and its private key; empty and null where there is a problem, or none. */
    record Pair(List<X509Certificate> chain, PrivateKey key) {}

    /** All files that were looked for, there or not. */
    List<ConfigFile> files() {
        return files;
    }

    /** A certificate and its key, which must be both there or both absent. */
    Pair pair(Place certificate, Place privateKey) {
        List<X509Certificate> chain = certificates(certificate);
        PrivateKey key = read(privateKey, Pem::privateKey).orElse(null);
        if (certificate.isAbsent() != privateKey.isAbsent()) {
            Place absent = certificate.isAbsent() ? certificate : privateKey;
            problems.add(
                    section,
                    "the key \"" + absent.fileKey() + "\" is missing: a certificate and its key come together");
        }
        if (!chain.isEmpty() && key != null && !belong(key, chain.get(0).getPublicKey())) {
            problems.add(
                    section,
                    "the private key is not that of the first certificate: give the pair that was made together");
        }
        return new Pair(chain, key);
    }

    /** Certificates; empty when there are none, or something is wrong. */
    List<X509Certificate> certificates(Place place) {
        return read(place, Pem::certificates).orElse(List.of());
    }

    private <T> Optional<T> read(Place place, Function<String, T> parser) {
        if (place.file() != null && place.inline() != null) {
            problems.add(section + "." + place.inlineKey(), "there is " + place.fileKey() + " too: give one of them");
        }
        if (place.file() == null) {
            return Optional.ofNullable(place.inline())
                    .flatMap(text -> parse(section + "." + place.inlineKey(), "", text, parser));
        }
        return text(place.fileKey(), place.file())
                .flatMap(text -> parse(section + "." + place.fileKey(), path(place.file()) + ": ", text, parser));
    }

    /** The text of a file that {@code key} names. */
    Optional<String> text(String key, String file) {
        ConfigFile read = ConfigFile.read(path(file));
        files.add(read);
        try {
            return Optional.of(read.text());
        } catch (ConfigException e) {
            problems.add(
                    section + "." + key,
                    read.path() + ": " + e.problems().get(0).message());
            return Optional.empty();
        }
    }

    private Path path(String file) {
        return base.resolveSibling(file);
    }

    private <T> Optional<T> parse(String key, String where, String text, Function<String, T> parser) {
        try {
            return Optional.of(parser.apply(text));
        } catch (IllegalArgumentException e) {
            problems.add(key, where + e.getMessage());
            return Optional.empty();
        }
    }

    /** Whether what one signs, the other believes. */
    private static boolean belong(PrivateKey key, PublicKey certified) {
        byte[] text = {1, 2, 3};
        try {
            Signature signature = Signature.getInstance(
                    switch (key.getAlgorithm()) {
                        case "RSA" -> "SHA256withRSA";
                        case "EC" -> "SHA256withECDSA";
                        default -> "EdDSA";
                    });
            signature.initSign(key);
            signature.update(text);
            byte[] signed = signature.sign();
            signature.initVerify(certified);
            signature.update(text);
            return signature.verify(signed);
        } catch (GeneralSecurityException otherAlgorithm) {
            return false;
        }
    }
}
