package net.fougateway.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.pkitesting.X509Bundle;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PemTest {

    /** Length of what stands before the key itself in PKCS #8, for RSA keys of 2048 bits and more. */
    private static final int PKCS8_RSA_HEADER_BYTES = 26;

    @TempDir
    private Path directory;

    private static PrivateKey generate(String algorithm, int bits) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        generator.initialize(bits);
        return generator.generateKeyPair().getPrivate();
    }

    @ParameterizedTest
    @CsvSource({"RSA, 2048", "RSA, 4096", "EC, 256", "EC, 384", "EC, 521", "Ed25519, 255"})
    void pkcs8OfEveryAlgorithm(String algorithm, int bits) throws Exception {
        PrivateKey key = generate(algorithm, bits);
        assertThat(Pem.privateKey(Certificates.pem("PRIVATE KEY", key.getEncoded())))
                .isEqualTo(key);
    }

    @ParameterizedTest
    @ValueSource(ints = {2048, 3072, 4096})
    void rsaAsCertManagerWritesIt(int bits) throws Exception {
        byte[] pkcs8 = generate("RSA", bits).getEncoded();
        byte[] pkcs1 = Arrays.copyOfRange(pkcs8, PKCS8_RSA_HEADER_BYTES, pkcs8.length);
        PrivateKey read = Pem.privateKey("Bag attributes\n" + Certificates.pem("RSA PRIVATE KEY", pkcs1));
        assertThat(read).isInstanceOf(RSAPrivateKey.class);
        assertThat(read.getEncoded()).isEqualTo(pkcs8);
    }

    /** As {@code openssl ecparam -genkey} writes it: the parameters first, then SEC 1 with the curve. */
    @ParameterizedTest
    @CsvSource({"secp256r1, 06082a8648ce3d030107, 32", "secp384r1, 06052b81040022, 48", "secp521r1, 06052b81040023, 66"
    })
    void ecAsOpensslWritesIt(String curve, String oid, int bytes) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec(curve));
        ECPrivateKey key = (ECPrivateKey) generator.generateKeyPair().getPrivate();
        byte[] parameters = HexFormat.of().parseHex(oid);
        String text = Certificates.pem("EC PARAMETERS", parameters)
                + Certificates.pem("EC PRIVATE KEY", sec1(key, parameters, bytes));
        ECPrivateKey read = (ECPrivateKey) Pem.privateKey(text);
        assertThat(read.getS()).isEqualTo(key.getS());
        assertThat(read.getParams().getOrder()).isEqualTo(key.getParams().getOrder());
    }

    private static byte[] sec1(ECPrivateKey key, byte[] curve, int bytes) {
        byte[] number = key.getS().toByteArray();
        byte[] padded = new byte[bytes];
        int skip = Math.max(number.length - bytes, 0);
        System.arraycopy(number, skip, padded, bytes - (number.length - skip), number.length - skip);
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        content.writeBytes(new byte[] {2, 1, 1, 4, (byte) bytes});
        content.writeBytes(padded);
        content.writeBytes(new byte[] {(byte) 0xa0, (byte) curve.length});
        content.writeBytes(curve);
        ByteArrayOutputStream sequence = new ByteArrayOutputStream();
        sequence.write(0x30);
        sequence.write(content.size());
        sequence.writeBytes(content.toByteArray());
        return sequence.toByteArray();
    }

    @Test
    void certificateAndKeyMayShareAFileWithText() {
        X509Bundle server = new Certificates(directory).server("server");
        String text = "Certificate:\n    Data: -- text --\n" + server.getCertificatePEM() + server.getPrivateKeyPEM();
        assertThat(Pem.certificates(text)).containsExactly(server.getCertificate());
        assertThat(Pem.privateKey(text)).isEqualTo(server.getKeyPair().getPrivate());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "'';there is no private key",
                "some text;there is no private key",
                "-----BEGIN CERTIFICATE-----\\nAAAA\\n-----END CERTIFICATE-----;there is no private key",
                "-----BEGIN PRIVATE KEY-----\\nAAAA\\n-----END PRIVATE KEY-----;damaged",
                "-----BEGIN PRIVATE KEY-----\\nA\\n-----END PRIVATE KEY-----;not base64",
                "-----BEGIN PRIVATE KEY-----\\nAAAA;has no end",
                "-----BEGIN PRIVATE KEY;has no end",
                "-----BEGIN EC PRIVATE KEY-----\\nMAA=\\n-----END EC PRIVATE KEY-----;does not name its curve",
                "-----BEGIN RSA PRIVATE KEY-----\\nMAA=\\n-----END RSA PRIVATE KEY-----;damaged",
                "-----BEGIN ENCRYPTED PRIVATE KEY-----\\nAAAA\\n-----END ENCRYPTED PRIVATE KEY-----;encrypted",
                "-----BEGIN RSA PRIVATE KEY-----\\nProc-Type: 4,ENCRYPTED\\n\\nAAAA\\n-----END RSA PRIVATE KEY-----;encrypted",
            })
    void whatIsNoKeyIsSaid(String text, String message) {
        assertThatThrownBy(() -> Pem.privateKey(text.replace("\\n", "\n")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "'';there is no certificate",
                "-----BEGIN CERTIFICATE-----\\nAAAA\\n-----END CERTIFICATE-----;damaged",
            })
    void whatIsNoCertificateIsSaid(String text, String message) {
        assertThatThrownBy(() -> Pem.certificates(text.replace("\\n", "\n")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }
}
