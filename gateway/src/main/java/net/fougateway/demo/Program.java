package net.fougateway.demo;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** This program as a command, to start it again in a network namespace. */
final class Program {

    private static final String MAIN_CLASS = "net.fougateway.cli.Main";

    private Program() {}

    /** What a person would type; the launcher tells how it was called. */
    static String typed(String namespace, String arguments) {
        return "ip netns exec " + namespace + " " + System.getProperty("fou.command", "fou-gateway") + " " + arguments;
    }

    /** The same with the Java, class path and options of this process, but without the settings in its environment. */
    static ProcessBuilder in(String namespace, String arguments) {
        List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), MAIN_CLASS));
        command.addAll(List.of(arguments.split(" ")));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(name -> name.startsWith("FOU_"));
        return builder;
    }

    /** Agents stay out: a debugger's port is taken. */
    private static List<String> options() {
        return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> !option.startsWith("-agent") && !option.startsWith("-javaagent"))
                .toList();
    }
}
