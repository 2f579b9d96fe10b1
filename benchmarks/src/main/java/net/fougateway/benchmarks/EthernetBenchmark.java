package net.fougateway.benchmarks;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import net.fougateway.codec.Bytes;
import net.fougateway.codec.Encapsulator;
import net.fougateway.codec.EthernetFrame;
import net.fougateway.codec.SuperPacket;
import net.fougateway.codec.VirtioNetHeader;
import net.fougateway.codec.Vxlan;
import net.fougateway.ethernet.MacTable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What a frame costs beside its packet: parse, learn, look up, encapsulate; another address each time. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@State(Scope.Thread)
public class EthernetBenchmark {

    private static final int ENTRIES = 8192;
    private static final int AGE_SECONDS = 300;
    private static final int PAYLOAD_BYTES = 1400;
    private static final long FIRST_MAC = 0x0200_0000_0000L;

    /** How many addresses take turns. */
    @Param({"10", "4000"})
    int macs;

    private final ByteBuffer buffer = ByteBuffer.allocateDirect(4096);
    private final EthernetFrame frame = new EthernetFrame();
    private final Encapsulator encapsulator = new Encapsulator();
    private final Vxlan vxlan = new Vxlan(42);
    private final MacTable table = new MacTable(ENTRIES, AGE_SECONDS, System::nanoTime);
    private int start;
    private int end;
    private int port;
    private int next;

    /** Makes the frame, and a table that knows the addresses. */
    @Setup
    public void build() {
        end = SuperPacket.writeFrame(buffer, 4, 17, PAYLOAD_BYTES, PAYLOAD_BYTES);
        start = VirtioNetHeader.BYTES;
        Bytes.put32(buffer, start + 8, 1);
        frame.parse(buffer, start, end - start);
        port = table.port("b");
        for (int i = 0; i < macs; i++) {
            table.learn(FIRST_MAC + i, 0, port, table.nowMillis());
        }
    }

    private long mac() {
        next = next + 1 == macs ? 0 : next + 1;
        return FIRST_MAC + next;
    }

    /** The Ethernet header and the IP header behind it. */
    @Benchmark
    public Object parse() {
        return frame.parse(buffer, start, end - start);
    }

    /** Of an address that is where it was. */
    @Benchmark
    public Object learn() {
        return table.learn(mac(), 0, port, 1);
    }

    /** Of an address that is known. */
    @Benchmark
    public int lookUp() {
        return table.lookup(mac(), 0, 1);
    }

    /** Of an address that is not. */
    @Benchmark
    public int lookUpUnknown() {
        return table.lookup(-mac() & 0xfeff_ffff_ffffL, 0, 1);
    }

    /** The VXLAN header. */
    @Benchmark
    public int encapsulate() {
        encapsulator.begin(vxlan, frame);
        return encapsulator.write(buffer, start, 0, 0);
    }
}
