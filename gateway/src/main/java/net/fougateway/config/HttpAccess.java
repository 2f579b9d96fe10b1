package net.fougateway.config;

import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a command shows to an admin port, and what it wants to see of it.
 *
 * @param credentials {@code NAME:PASSWORD}
 * @param authorities empty: those of the JDK
 * @param chain the client's certificate first; empty: none
 * @param key of the certificate, or null
 * @param serverName in the server's certificate; empty: the host that is asked
 * @param trustsAnybody whether the server's certificate is not looked at
 */
public record HttpAccess(
        Optional<String> credentials,
        List<X509Certificate> authorities,
        List<X509Certificate> chain,
        PrivateKey key,
        Optional<String> serverName,
        boolean trustsAnybody) {

    /** Shows nothing, and believes the JDK's authorities. */
    public static final HttpAccess NONE =
            new HttpAccess(Optional.empty(), List.of(), List.of(), null, Optional.empty(), false);

    private static final String TLS = "tls_config";
    private static final String BASIC_AUTH = "basic_auth";

    /**
     * Reads a file of the form that Prometheus' {@code http_config} has.
     *
     * @throws ConfigException with all mistakes at once
     */
    public static HttpAccess read(Path path) throws ConfigException {
        Problems problems = new Problems();
        String text = ConfigFile.read(path).text();
        Optional<HttpAccess> access = Yaml.ofFile(text, problems)
                .map(node -> new SettingReader(Map.of(), problems).read(HttpConfig.class, node))
                .map(config -> of(config, path, problems));
        return access.filter(read -> problems.isEmpty())
                .orElseThrow(() -> new ConfigException(path.toString(), problems.inOrder()));
    }

    private static HttpAccess of(HttpConfig config, Path path, Problems problems) {
        PemFiles pem = new PemFiles(path, TLS, problems);
        HttpConfig.Tls tls = config.tlsConfig();
        PemFiles.Pair pair = pem.pair(
                new PemFiles.Place("cert_file", tls.certFile(), "cert", tls.cert()),
                new PemFiles.Place("key_file", tls.keyFile(), "key", tls.key()));
        return new HttpAccess(
                Optional.ofNullable(config.basicAuth()).map(user -> credentials(user, path, problems)),
                pem.certificates(new PemFiles.Place("ca_file", tls.caFile(), "ca", tls.ca())),
                pair.chain(),
                pair.key(),
                Optional.ofNullable(tls.serverName()),
                tls.insecureSkipVerify());
    }

    private static String credentials(HttpConfig.BasicAuth user, Path path, Problems problems) {
        if ((user.password() == null) == (user.passwordFile() == null)) {
            problems.add(BASIC_AUTH, "give either password or password_file");
        }
        String password = Optional.ofNullable(user.passwordFile())
                .flatMap(file -> new PemFiles(path, BASIC_AUTH, problems).text("password_file", file))
                .map(String::strip)
                .or(() -> Optional.ofNullable(user.password()))
                .orElse("");
        return user.username() + ":" + password;
    }
}
