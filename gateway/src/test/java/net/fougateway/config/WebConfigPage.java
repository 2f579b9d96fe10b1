package net.fougateway.config;

import java.util.Arrays;
import java.util.stream.Collectors;
import net.fougateway.metrics.AdminRefusal;

/** The text of {@code docs/web-config.md}. */
final class WebConfigPage {

    private WebConfigPage() {}

    static String markdown() {
        return TEXT.formatted(rows(WebConfig.class), refusals(), rows(HttpConfig.class));
    }

    private static String rows(Class<?> document) {
        return Key.table(document).stream()
                .map(row -> "| `%s` | %s | %s | %s |\n"
                        .formatted(
                                row.path(),
                                ConfigSchema.values(row.key()),
                                ConfigSchema.defaultText(row.key().setting()),
                                row.key().setting().doc()))
                .collect(Collectors.joining());
    }

    private static String refusals() {
        return Arrays.stream(AdminRefusal.values())
                .map(refusal -> "| `%s` | %s |\n".formatted(refusal.label(), refusal.meaning()))
                .collect(Collectors.joining());
    }

    private static final String TEXT = """
            # Who may ask the admin port

            Without more, `admin.listen` is 127.0.0.1:15555 in plain HTTP, for whoever is on the host. To let Prometheus in from elsewhere, give a file with
            TLS and passwords, in the format that Prometheus' own exporters take with `--web.config.file`:

            ```yaml
            # /etc/fou-gateway/gateway.yaml
            admin:
              listen: ["0.0.0.0:15555", "unix:/run/fou-gateway/admin.sock"]
              web_config: web.yaml
            ```

            ```yaml
            # /etc/fou-gateway/web.yaml
            tls_server_config:
              cert_file: gateway.pem
              key_file: gateway-key.pem
              client_auth_type: RequireAndVerifyClientCert    # for mutual TLS; without the next three lines passwords alone decide
              client_ca_file: ca.pem
              client_allowed_sans: [prometheus]
            basic_auth_users:
              prometheus: $2y$10$/CkVig075aHQFdcZirELfurT9TPsutTLfdbPODnlhY8whxOnP4nzW    # htpasswd -nBC 10 prometheus
            ```

            ```yaml
            # prometheus.yml
            scrape_configs:
              - job_name: fou-gateway
                scheme: https
                tls_config: {ca_file: ca.pem, cert_file: prometheus.pem, key_file: prometheus-key.pem}
                basic_auth: {username: prometheus, password_file: password}
                static_configs: [{targets: ["gateway-1:15555"]}]
            ```

            [deploy/compose/certificates](../deploy/compose/certificates) makes all these files with openssl and htpasswd, and
            [deploy/compose/mtls.yml](../deploy/compose/mtls.yml) is the whole of it with Docker; for Kubernetes see [there](kubernetes.md).

            `fou-gateway check` tells the mistakes of both files, with line and path. Both are read again when they, or a certificate or key, change: those who
            ask from then on are judged anew, connections that wait are closed. When the new content is wrong, what was there before stays, and log, `status` and
            `fou_config_last_reload_successful` say so.

            | Key | Values | Default | Meaning |
            |---|---|---|---|
            %s
            Not supported: `curve_preferences`, `rate_limit`, TLS 1.0 and 1.1. Keys may be RSA, EC or EdDSA, in PKCS #8, PKCS #1 or SEC 1, not encrypted.

            - **Probes**: `/livez` and `/readyz` need no password, which kubelet and load balancers do not have; strangers learn no more than yes or no there.
              They need the TLS handshake, though: with `RequireAndVerifyClientCert` let containers use `fou-gateway healthcheck` over the Unix socket.
            - **A Unix socket** is open to root and to the gateway's user and group (mode 660), who need no TLS and no password. What a killed gateway left behind is
              taken over; a socket that another program answers at, or a file, is not touched.
            - **Wrong passwords** are looked at one by one, on a thread that rests four times as long as each took, and one of an address at a time; whoever has
              shown the right one is not kept waiting.
            - **Limits**: 256 connections, 192 from one address, the longest silent gives way; 5 s for a request, 10 s for reading an answer; 16 KiB of headers, no
              bodies. Over plain HTTP, names that others may own are refused (DNS rebinding).
            - **Packets** (`/capture`) are shown over TCP only to root and the gateway's own user on this host, whatever else they know.

            What was refused is counted in `fou_admin_requests_refused_total` by `reason`, and told in the log, ten lines a minute of each:

            | Reason | Meaning |
            |---|---|
            %s
            ## Commands

            `status`, `routes`, `capture` and `healthcheck` ask where `--admin` says: `HOST:PORT`, `https://HOST:PORT` or `unix:PATH`. What they show and want to see
            there is in the file of `--http-config`, in the format of Prometheus' `http_config` and promtool's `--http.config.file`:

            ```yaml
            # http.yaml
            basic_auth: {username: prometheus, password_file: password}
            tls_config: {ca_file: ca.pem, cert_file: prometheus.pem, key_file: prometheus-key.pem}
            ```

                fou-gateway status --admin https://gateway-1:15555 --http-config http.yaml
                fou-gateway status --admin unix:/run/fou-gateway/admin.sock

            | Key | Values | Default | Meaning |
            |---|---|---|---|
            %s""";
}
