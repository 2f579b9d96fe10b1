package net.fougateway.cli;

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
