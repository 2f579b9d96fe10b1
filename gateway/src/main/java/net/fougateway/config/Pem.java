package net.fougateway.config;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Certificates and private keys in PEM form (RFC 7468); text between the blocks, and blocks of other kinds, are passed over. */
final class Pem {

    private static final String BEGIN = "-----BEGIN ";
    private static final String DASHES = "-----";
    /** AlgorithmIdentifier of rsaEncryption (RFC 8017, A.1). */
    private static final byte[] RSA = HexFormat.of().parseHex("300d06092a864886f70d0101010500");
    /** Object identifier of id-ecPublicKey (RFC 5480, 2.1.1). */
    private static final byte[] EC = HexFormat.of().parseHex("06072a8648ce3d0201");
    /** Integer 0, the version of PKCS #8. */
    private static final byte[] VERSION = {2, 1, 0};

    private static final int SEQUENCE = 0x30;
    private static final int OCTET_STRING = 0x04;
    private static final int CURVE = 0xa0;

    @SuppressWarnings("ArrayRecordComponent")
    private record Block(String label, byte[] bytes) {}

    private Pem() {}

    /**
     * All certificates, in order.
     *
     * @throws IllegalArgumentException when there is none, or one is damaged; the message is for the user
     */
    static List<X509Certificate> certificates(String text) {
        List<X509Certificate> certificates = new ArrayList<>();
        for (Block block : blocks(text)) {
            if (block.label.equals("CERTIFICATE") || block.label.equals("X509 CERTIFICATE")) {
                certificates.add(certificate(block.bytes));
            }
        }
        if (certificates.isEmpty()) {
            throw new IllegalArgumentException("there is no certificate: it begins with " + BEGIN + "CERTIFICATE-----");
        }
        return certificates;
    }

    private static X509Certificate certificate(byte... bytes) {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(bytes));
        } catch (CertificateException e) {
            throw new IllegalArgumentException("a certificate is damaged: " + e.getMessage(), e);
        }
    }

    /**
     * The first private key: RSA, EC or EdDSA, in PKCS #8, or as OpenSSL and cert-manager write RSA and EC keys otherwise (PKCS #1, SEC 1).
     *
     * @throws IllegalArgumentException when there is none, or it is damaged or encrypted; the message is for the user
     */
    static PrivateKey privateKey(String text) {
        return blocks(text).stream()
                .flatMap(block -> privateKey(block).stream())
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "there is no private key: it begins with " + BEGIN + "PRIVATE KEY-----"));
    }

    private static Optional<PrivateKey> privateKey(Block block) {
        return switch (block.label) {
            case "PRIVATE KEY" -> Optional.of(key(block.bytes));
            case "RSA PRIVATE KEY" -> Optional.of(key(pkcs8(RSA, block.bytes)));
            case "EC PRIVATE KEY" -> Optional.of(key(pkcs8(element(SEQUENCE, EC, curve(block.bytes)), block.bytes)));
            case "ENCRYPTED PRIVATE KEY" -> throw encrypted();
            default -> Optional.empty();
        };
    }

    private static IllegalArgumentException encrypted() {
        return new IllegalArgumentException(
                "the key is encrypted, and nobody is there to type the passphrase: decrypt it with 'openssl pkey', "
                        + "and let only the gateway's user read it");
    }

    private static PrivateKey key(byte... pkcs8) {
        return Stream.of("RSA", "EC", "EdDSA")
                .flatMap(algorithm -> key(algorithm, pkcs8).stream())
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException("the private key is damaged, or is neither RSA nor EC nor EdDSA"));
    }

    private static Optional<PrivateKey> key(String algorithm, byte... pkcs8) {
        try {
            return Optional.of(KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8)));
        } catch (GeneralSecurityException otherAlgorithm) {
            return Optional.empty();
        }
    }

    private static List<Block> blocks(String text) {
        List<Block> blocks = new ArrayList<>();
        for (int begin = text.indexOf(BEGIN); begin >= 0; begin = text.indexOf(BEGIN, begin + 1)) {
            int labelEnd = text.indexOf(DASHES, begin + BEGIN.length());
            String label = labelEnd < 0 ? "" : text.substring(begin + BEGIN.length(), labelEnd);
            int end = text.indexOf("-----END " + label + DASHES, begin);
            if (labelEnd < 0 || end < labelEnd) {
                throw new IllegalArgumentException("a block " + BEGIN + label + DASHES + " has no end");
            }
            blocks.add(new Block(label, decode(text.substring(labelEnd + DASHES.length(), end))));
        }
        return blocks;
    }

    private static byte[] decode(String base64) {
        if (base64.contains("ENCRYPTED")) {
            throw encrypted();
        }
        try {
            return Base64.getMimeDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("what stands between the dashes is not base64", e);
        }
    }

    /** RFC 5958: a key of another form, with what its algorithm is. */
    private static byte[] pkcs8(byte[] algorithm, byte... key) {
        return element(SEQUENCE, VERSION, algorithm, element(OCTET_STRING, key));
    }

    private static byte[] element(int tag, byte[]... parts) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.writeBytes(part);
        }
        ByteArrayOutputStream element = new ByteArrayOutputStream();
        element.write(tag);
        writeLength(content.size(), element);
        element.writeBytes(content.toByteArray());
        return element.toByteArray();
    }

    private static void writeLength(int length, ByteArrayOutputStream out) {
        if (length < 0x80) {
            out.write(length);
        } else if (length < 0x100) {
            out.write(0x81);
            out.write(length);
        } else {
            out.write(0x82);
            out.write(length >> 8);
            out.write(length);
        }
    }

    /** RFC 5915: version, key, and the curve's object identifier in an element of its own. */
    private static byte[] curve(byte... sec1) {
        int at = 2 + lengthBytes(sec1, 1);
        while (at + 2 <= sec1.length) {
            int length = sec1[at + 1];
            if ((sec1[at] & 0xff) == CURVE && length > 0 && at + 2 + length <= sec1.length) {
                return Arrays.copyOfRange(sec1, at + 2, at + 2 + length);
            }
            at += 2 + Math.max(length, 0);
        }
        throw new IllegalArgumentException("the EC key does not name its curve: convert it with 'openssl pkey'");
    }

    private static int lengthBytes(byte[] der, int at) {
        int first = at < der.length ? der[at] & 0xff : 0;
        return first < 0x80 ? 0 : first - 0x80;
    }
}
