package net.fougateway.config;

import java.net.SocketAddress;
import java.util.List;

/** HTTP server. */
public record AdminSettings(
        @Setting(
                def = "127.0.0.1:15555",
                orSingle = true,
                doc =
                        "Where it is asked, one or several; a Unix socket needs no password, whoever may open it may ask.")
        List<SocketAddress> listen,

        @Setting(
                live = true,
                doc =
                        "File with TLS and passwords, in the format of --web.config.file of Prometheus' exporters; absent: neither. Relative to the directory of this file.")
        @Text(Text.Form.PATH)
        String webConfig) {}
