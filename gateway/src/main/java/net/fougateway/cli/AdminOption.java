package net.fougateway.cli;

import java.io.IOException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The {@code --admin} option of commands that talk to a running gateway. */
final class AdminOption {

    @Option(
            names = "--admin",
            paramLabel = "HOST:PORT",
            defaultValue = "${env:FOU_ADMIN_LISTEN:-127.0.0.1:15555}",
            converter = Converter.class,
            description =
                    "Where the gateway's admin.listen is (environment: FOU_ADMIN_LISTEN; default: 127.0.0.1:15555).")
    AdminClient client;

    /**
     * The {@code /status} document of the running gateway.
     *
     * @throws IOException when it cannot be had; the message is a sentence for the user
     */
    String status() throws IOException {
        AdminClient.Answer answer = client.get("/status");
        if (answer.code() != 200) {
            throw new IOException(client + " answered " + answer.code() + " to /status: " + answer.body());
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
