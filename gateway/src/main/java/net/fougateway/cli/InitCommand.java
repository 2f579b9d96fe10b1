package net.fougateway.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import net.fougateway.linux.Netlink;
import net.fougateway.plan.KernelLookups;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code fou-gateway init}: a first configuration for this host. */
@Command(
        name = "init",
        description = {
            "Write a first configuration for this host, with what was found on it in comments.",
            "Without --peer it asks for one on a terminal, and elsewhere leaves an example."
        },
        mixinStandardHelpOptions = true)
final class InitCommand implements Callable<Integer> {

    @Option(
            names = "--peer",
            paramLabel = "NAME=REMOTE,PREFIX[,PREFIX...]",
            converter = PeerConverter.class,
            description =
                    "The other end of a tunnel: its name, its outer address or host name, and the prefixes behind it. Once for each peer.")
    private List<FirstConfig.Entry> peers = new ArrayList<>();

    @Option(
            names = "--address",
            paramLabel = "ADDRESS/LENGTH",
            description =
                    "Address of this end inside the tunnel, with the length of its network. Once for each address.")
    private List<String> addresses = new ArrayList<>();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Where to write; it must not be there yet. Default: standard output.")
    private Path file;

    @Option(names = "--force", description = "Write over FILE.")
    private boolean force;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        if (peers.isEmpty() && StandardStream.STDIN.isTerminal()) {
            ask(new BufferedReader(new InputStreamReader(System.in, UTF_8)));
        }
        String text;
        try (Netlink netlink = Netlink.open()) {
            text = new FirstConfig(addresses, peers).forThisHost(new KernelLookups(netlink));
        }
        return write(text);
    }

    private void ask(BufferedReader in) throws IOException {
        String remote = answer(in, "Address or name of the other end, outside the tunnel");
        String prefixes = answer(in, "What is behind it, such as 10.10.10.2/32,10.42.2.0/24");
        String address = answer(in, "Address of this end inside the tunnel, such as 10.10.10.1/24");
        peers = List.of(new FirstConfig.Entry("peer", remote, prefixes));
        addresses = address.isEmpty() ? addresses : List.of(address);
    }

    private String answer(BufferedReader in, String question) throws IOException {
        spec.commandLine().getErr().print(question + ": ");
        spec.commandLine().getErr().flush();
        String line = in.readLine();
        return line == null ? "" : line.strip();
    }

    private int write(String text) {
        if (file == null) {
            spec.commandLine().getOut().print(text);
            spec.commandLine().getOut().flush();
            return 0;
        }
        try {
            OpenOption[] create = force
                    ? new OpenOption[0]
                    : new OpenOption[] {StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE};
            Files.writeString(file, text, UTF_8, create);
            return 0;
        } catch (FileAlreadyExistsException e) {
            spec.commandLine().getErr().println(file + " is there already: --force writes over it");
        } catch (IOException e) {
            spec.commandLine()
                    .getErr()
                    .println("cannot write to " + file + ": " + e + ": give another FILE to --output");
        }
        return 1;
    }

    static final class PeerConverter implements ITypeConverter<FirstConfig.Entry> {
        @Override
        public FirstConfig.Entry convert(String value) {
            try {
                return FirstConfig.Entry.parse(value);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }
}
