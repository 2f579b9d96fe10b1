package net.fougateway.config;

import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import net.fougateway.config.WebConfig.ClientAuth;
import net.fougateway.config.WebConfig.Version;

/** The file that says who may ask the admin port, with the certificates and keys that it names, as all of them were at one moment. */
public final class WebFiles {

    private static final String TLS = "tls_server_config";
    /** What exporter-toolkit allows. */
    private static final Set<String> HEADERS = Set.of(
            "Strict-Transport-Security",
            "X-Content-Type-Options",
            "X-Frame-Options",
            "X-XSS-Protection",
            "Content-Security-Policy");

    private final Problems problems = new Problems();
    private final Path path;
    private final PemFiles pem;
    private Optional<ConfigFile> file = Optional.empty();
    private WebAccess access = WebAccess.OPEN;

    private WebFiles(Path path) {
        this.path = path;
        pem = new PemFiles(path, TLS, problems);
    }

    /** Reads what the gateway's configuration, which is at {@code gatewayFile}, names; mistakes are told by {@link #access}. */
    public static WebFiles read(GatewayConfig config, Path gatewayFile) {
        String name = config.admin().webConfig();
        WebFiles web = new WebFiles(name == null ? null : gatewayFile.resolveSibling(name));
        if (name != null) {
            web.read();
        }
        return web;
    }

    /** All files that were looked for, there or not. */
    public List<ConfigFile> files() {
        return file.stream()
                .flatMap(found -> Stream.concat(Stream.of(found), pem.files().stream()))
                .toList();
    }

    /**
     * What they say.
     *
     * @throws ConfigException with all mistakes at once
     */
    public WebAccess access() throws ConfigException {
        if (!problems.isEmpty()) {
            throw new ConfigException(path.toString(), problems.inOrder());
        }
        return access;
    }

    private void read() {
        ConfigFile found = ConfigFile.read(path);
        file = Optional.of(found);
        try {
            String text = found.text();
            if (text.isBlank()) {
                problems.addAt(
                        1,
                        "",
                        "the file is empty, so that everybody could ask: give " + TLS
                                + " or basic_auth_users, or leave admin.web_config out");
            } else {
                Yaml.ofFile(text, problems)
                        .map(node -> new SettingReader(Map.of(), problems).read(WebConfig.class, node))
                        .ifPresent(this::take);
            }
        } catch (ConfigException e) {
            e.problems().forEach(problem -> problems.addAt(problem.line(), problem.path(), problem.message()));
        }
    }

    private void take(WebConfig config) {
        config.httpServerConfig().headers().keySet().stream()
                .filter(name -> !HEADERS.contains(name))
                .forEach(name -> problems.add(
                        "http_server_config.headers." + name,
                        "this header cannot be set here" + Nearest.hint(name, List.copyOf(HEADERS))));
        Optional<WebAccess.Tls> tls =
                Optional.ofNullable(config.tlsServerConfig()).map(this::tls);
        access = new WebAccess(
                tls, config.basicAuthUsers(), config.httpServerConfig().headers());
    }

    private WebAccess.Tls tls(WebConfig.Tls tls) {
        PemFiles.Pair pair = pem.pair(
                new PemFiles.Place("cert_file", tls.certFile(), "cert", tls.cert()),
                new PemFiles.Place("key_file", tls.keyFile(), "key", tls.key()));
        if (tls.certFile() == null && tls.cert() == null && tls.keyFile() == null && tls.key() == null) {
            problems.add(
                    TLS, "the keys \"cert_file\" and \"key_file\" are missing: TLS needs a certificate and its key");
        }
        PemFiles.Place clientCa = new PemFiles.Place("client_ca_file", tls.clientCaFile(), "client_ca", tls.clientCa());
        List<X509Certificate> authorities = pem.certificates(clientCa);
        clientsFit(tls, !clientCa.isAbsent());
        suitesAreKnown(tls);
        return new WebAccess.Tls(
                pair.key(),
                pair.chain(),
                tls.clientAuthType().policy(),
                authorities,
                tls.clientAllowedSans(),
                protocols(tls),
                tls.cipherSuites());
    }

    private void clientsFit(WebConfig.Tls tls, boolean authorities) {
        ClientAuth type = tls.clientAuthType();
        if (type.policy().isVerified() && !authorities) {
            problems.add(TLS + ".client_auth_type", type + " needs client_ca_file: the authorities of the clients");
        }
        if (!type.policy().isVerified() && authorities) {
            problems.add(
                    TLS + ".client_ca_file",
                    "has no effect with client_auth_type: " + type + ": write "
                            + ClientAuth.REQUIRE_AND_VERIFY_CLIENT_CERT);
        }
        if (!type.policy().isVerified() && !tls.clientAllowedSans().isEmpty()) {
            problems.add(
                    TLS + ".client_allowed_sans",
                    "means nothing with client_auth_type: " + type
                            + ", as anybody can write a name into a certificate: write "
                            + ClientAuth.REQUIRE_AND_VERIFY_CLIENT_CERT);
        }
    }

    private void suitesAreKnown(WebConfig.Tls tls) {
        List<String> known = knownSuites();
        tls.cipherSuites().stream()
                .filter(Objects::nonNull)
                .filter(suite -> !known.contains(suite))
                .forEach(suite -> problems.add(
                        TLS + ".cipher_suites",
                        ScalarType.quote(suite) + " is not offered by this Java" + Nearest.hint(suite, known)));
    }

    private static List<String> knownSuites() {
        try {
            return List.of(SSLContext.getDefault().getSupportedSSLParameters().getCipherSuites());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private List<String> protocols(WebConfig.Tls tls) {
        List<String> protocols = Arrays.stream(Version.values())
                .filter(version -> version.compareTo(tls.minVersion()) >= 0)
                .filter(version -> version.compareTo(tls.maxVersion()) <= 0)
                .map(Version::protocol)
                .toList();
        if (protocols.isEmpty()) {
            problems.add(TLS + ".min_version", tls.minVersion() + " is above max_version, " + tls.maxVersion());
        }
        return protocols;
    }
}
