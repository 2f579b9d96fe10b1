package net.fougateway.cli;

import java.io.FileDescriptor;
import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code fou-gateway capture}: packets of the running gateway as a pcapng file, dropped ones with the reason. */
@Command(
        name = "capture",
        description = {
            "Write packets of the running gateway as pcapng, for Wireshark, tshark and tcpdump, until interrupted.",
            "Interface udp has datagrams as they came from peers, interface tun the packets of the TUN device. "
                    + "A dropped packet has the reason and the remedy as comment."
        },
        footerHeading = Main.EXAMPLES,
        footer = {"  fou-gateway capture --drops -w drops.pcapng", "  fou-gateway capture | tshark -r -"},
        mixinStandardHelpOptions = true)
public final class CaptureCommand implements Callable<Integer> {

    private static final Path STDOUT = Path.of("-");

    @Mixin
    private AdminOption admin;

    @Option(names = "--drops", description = "Only packets that are dropped.")
    private boolean drops;

    @Option(
            names = {"-w", "--write"},
            paramLabel = "FILE",
            defaultValue = "-",
            description = "Where to write; - (the default) is standard output, for: | tshark -r -")
    private Path file;

    @Option(
            names = {"-c", "--count"},
            paramLabel = "PACKETS",
            description = "Stop after so many packets.")
    private Long count;

    @Option(
            names = {"-s", "--snaplen"},
            paramLabel = "BYTES",
            description = "Keep so many bytes of each packet (default: all).")
    private Integer snapBytes;

    @Spec
    private CommandSpec spec;

    private final AtomicBoolean told = new AtomicBoolean();
    private final AtomicLong packets = new AtomicLong();
    private final AtomicLong missed = new AtomicLong();

    @Override
    public Integer call() throws IOException {
        requirePositive("--count", count);
        requirePositive("--snaplen", snapBytes);
        if (file.equals(STDOUT) && StandardStream.STDOUT.isTerminal()) {
            throw new ParameterException(
                    spec.commandLine(), "packets are not for a terminal: give -w FILE, or pipe into tshark -r -");
        }
        try {
            AdminClient.Answer first = get("drops=" + drops + (snapBytes == null ? "" : "&snaplen=" + snapBytes));
            Runtime.getRuntime().addShutdownHook(new Thread(this::tell, "summary"));
            try (OutputStream out = open()) {
                capture(first, out);
                return 0;
            } finally {
                tell();
            }
        } catch (IOException e) {
            spec.commandLine().getErr().println(e.getMessage());
            return 1;
        }
    }

    private void requirePositive(String option, Number value) {
        if (value != null && value.longValue() < 1) {
            throw new ParameterException(spec.commandLine(), option + " takes at least 1, not " + value);
        }
    }

    private OutputStream open() throws IOException {
        try {
            return file.equals(STDOUT) ? new FileOutputStream(FileDescriptor.out) : new FileOutputStream(file.toFile());
        } catch (FileNotFoundException e) {
            throw new IOException("cannot write to " + e.getMessage() + ": give another FILE to -w", e);
        }
    }

    private void capture(AdminClient.Answer first, OutputStream out) throws IOException {
        write(first, out);
        String session = "session=" + first.number("Capture-Session");
        while (count == null || packets.get() < count) {
            write(get(session), out);
        }
    }

    private AdminClient.Answer get(String parameters) throws IOException {
        String most = count == null ? "" : "&most=" + (count - packets.get());
        AdminClient.Answer answer = admin.get("/capture?" + parameters + most);
        if (answer.code() != 200) {
            throw new IOException(answer.body().strip());
        }
        return answer;
    }

    private void write(AdminClient.Answer part, OutputStream out) throws IOException {
        try {
            out.write(part.bytes());
        } catch (IOException e) {
            throw new IOException(
                    "cannot write to %s: %s: make room, or give another FILE to -w".formatted(file, e.getMessage()), e);
        }
        packets.addAndGet(part.number("Capture-Packets"));
        missed.set(part.number("Capture-Missed"));
    }

    /** Also when interrupted. */
    private void tell() {
        if (told.compareAndSet(false, true)) {
            spec.commandLine()
                    .getErr()
                    .println("%d packets written, %d missed because they came faster than they were read"
                            .formatted(packets.get(), missed.get()));
        }
    }
}
