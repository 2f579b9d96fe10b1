package net.fougateway.udp;

import java.util.BitSet;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/** Draws ports from a range, each once, in an order that nobody can guess who cannot guess the generator. */
final class PortChoice {

    private final int[] ports;
    private final RandomGenerator random;
    private int drawn;

    /**
     * A choice of all ports in {@code min..max}.
     *
     * @param avoided but these
     */
    PortChoice(int min, int max, BitSet avoided, RandomGenerator random) {
        ports = IntStream.rangeClosed(min, max)
                .filter(port -> !avoided.get(port))
                .toArray();
        this.random = random;
    }

    boolean isEmpty() {
        return drawn == ports.length;
    }

    int draw() {
        int at = random.nextInt(drawn, ports.length);
        int port = ports[at];
        ports[at] = ports[drawn];
        ports[drawn++] = port;
        return port;
    }
}
