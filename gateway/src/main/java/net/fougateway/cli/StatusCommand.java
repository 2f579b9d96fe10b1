package net.fougateway.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fou-gateway status}: what the running gateway does, problems first. */
@Command(
        name = "status",
        description = "Show peers, traffic, and drops with reason and remedy of the running gateway.",
        footerHeading = Main.EXAMPLES,
        footer = {"  fou-gateway status", "  fou-gateway status PEER", "  fou-gateway status --watch"},
        mixinStandardHelpOptions = true)
public final class StatusCommand implements Callable<Integer> {

    private static final String CLEAR_SCREEN = "\u001b[H\u001b[2J";

    @Mixin
    private AdminOption admin;

    @Parameters(arity = "0..1", paramLabel = "PEER", description = "Show all about this peer alone.")
    private String peer;

    @Option(
            names = "--json",
            description = "Print the /status document (docs/status.schema.json describes it) instead of the table.")
    private boolean json;

    @Option(
            names = "--watch",
            arity = "0..1",
            fallbackValue = "2",
            paramLabel = "SECONDS",
            description = "Repeat, with rates, every SECONDS (default: 2) until interrupted.")
    private Integer watchSeconds;

    @Option(
            names = "--redact",
            description = "Write names such as ipv4-1 instead of addresses, fit to be shown to others.")
    private boolean redact;

    @Option(names = "--verbose", description = "Show active offloads too.")
    private boolean verbose;

    @Spec
    private CommandSpec spec;

    private final Redaction redaction = new Redaction();

    @Override
    public Integer call() {
        if (watchSeconds != null && watchSeconds < 1) {
            throw new ParameterException(spec.commandLine(), "--watch takes at least 1 second");
        }
        try {
            return show();
        } catch (IOException e) {
            spec.commandLine().getErr().println(e.getMessage());
            return 1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }

    private int show() throws IOException, InterruptedException {
        StatusDocument document = print(null);
        while (watchSeconds != null) {
            TimeUnit.SECONDS.sleep(watchSeconds);
            document = print(document);
        }
        return 0;
    }

    private StatusDocument print(StatusDocument before) throws IOException {
        String text = redact ? redaction.of(admin.status()) : admin.status();
        StatusDocument document = StatusDocument.parse(text);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(text.strip());
        } else {
            boolean watched = Ansi.AUTO.enabled() && watchSeconds != null;
            out.print(watched ? CLEAR_SCREEN : "");
            out.println(peer == null ? all(document, before, watched) : onePeer(document, before));
        }
        out.flush();
        return document;
    }

    private String all(StatusDocument document, StatusDocument before, boolean watched) {
        Terminal terminal = watched ? Terminal.now() : Terminal.NONE;
        return new StatusView(document, before, verbose, Ansi.AUTO.enabled(), terminal).render();
    }

    private String onePeer(StatusDocument document, StatusDocument before) throws IOException {
        PeerView peers = new PeerView(document, Optional.ofNullable(before));
        return String.join(
                System.lineSeparator(),
                peers.details(peer)
                        .orElseThrow(
                                () -> new IOException("there is no peer " + peer + "; there are: " + peers.names())));
    }
}
