package net.fougateway.cli;

import java.io.IOException;
import java.nio.file.Path;
import net.fougateway.config.ConfigException;
import net.fougateway.config.HttpAccess;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The {@code --admin} option of commands that talk to a running gateway. */
final class AdminOption {

    private static final int UNAUTHORIZED = 401;

    @Option(
            names = "--admin",
            paramLabel = "ADDRESS",
            defaultValue = "${env:FOU_ADMIN_LISTEN:-127.0.0.1:15555}",
            converter = Converter.class,
            description =
                    "Where the gateway's admin.listen is: HOST:PORT, https://HOST:PORT or unix:PATH (environment: FOU_ADMIN_LISTEN; default: 127.0.0.1:15555).")
    private AdminClient address;

    @Option(
            names = "--http-config",
            paramLabel = "FILE",
            defaultValue = "${env:FOU_HTTP_CONFIG}",
            description =
                    "Password, certificate and authorities with which to ask, in the form of Prometheus' http_config: basic_auth, tls_config (environment: FOU_HTTP_CONFIG).")
    private Path httpConfig;

    /**
     * GET of {@code path}.
     *
     * @throws IOException when nothing sensible answers; the message is a sentence for the user
     */
    AdminClient.Answer get(String path) throws IOException {
        AdminClient.Answer answer = client().get(path);
        if (answer.code() == UNAUTHORIZED) {
            throw new IOException(address + " asks for a name and password, and does not accept "
                    + (httpConfig == null ? "none" : "those given") + ": give them with --http-config");
        }
        return answer;
    }

    private AdminClient client() throws IOException {
        try {
            return httpConfig == null ? address : address.with(HttpAccess.read(httpConfig));
        } catch (ConfigException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /**
     * The {@code /status} document of the running gateway.
     *
     * @throws IOException when it cannot be had; the message is a sentence for the user
     */
    String status() throws IOException {
        return document("/status");
    }

    /**
     * A document of the running gateway.
     *
     * @throws IOException when it cannot be had; the message is a sentence for the user
     */
    String document(String path) throws IOException {
        AdminClient.Answer answer = get(path);
        if (answer.code() != 200) {
            throw new IOException(address + " answered " + answer.code() + " to " + path + ": " + answer.body());
        }
        return answer.body();
    }

    static final class Converter implements ITypeConverter<AdminClient> {
        @Override
        public AdminClient convert(String value) {
            try {
                return AdminClient.parse(value);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }
}
