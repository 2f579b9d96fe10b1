package net.fougateway.cli;

import java.nio.file.Path;
import net.fougateway.config.HttpAccess;

/** Clients for tests in other packages. */
public final class HttpClients {

    private HttpClients() {}

    /** One that asks as the file says. */
    public static AdminClient with(String address, Path httpConfig) throws Exception {
        return AdminClient.parse(address).with(HttpAccess.read(httpConfig));
    }
}
