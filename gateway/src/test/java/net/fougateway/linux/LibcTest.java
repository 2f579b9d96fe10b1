package net.fougateway.linux;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Native;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

final class LibcTest {

    private static final int CALLS = 20_000;
    private static final int SO_TYPE = 3;
    private static final int SOL_SOCKET = 1;
    private static final int AF_INET6 = 10;
    private static final int SOCK_DGRAM = 2;

    @Test
    void callsReachTheKernelThroughRawAddresses() {
        int fd = Libc.socket(AF_INET6, SOCK_DGRAM, 0);
        NativeMemory memory = NativeMemory.allocate(8);
        memory.buffer().putInt(4, Integer.BYTES);
        try {
            assertThat(Libc.getsockopt(fd, SOL_SOCKET, SO_TYPE, memory.address(), memory.address() + 4))
                    .isZero();
            assertThat(memory.buffer().getInt(0)).isEqualTo(SOCK_DGRAM);
        } finally {
            assertThat(Libc.close(fd)).isZero();
        }
    }

    @Test
    void failureSetsTheErrorNumber() {
        assertThat(Libc.recvmmsg(-1, 0, 0, 0, 0)).isEqualTo(-1);
        assertThat(Errno.EBADF.is(Native.getLastError())).isTrue();
        assertThat(Libc.close(-1)).isEqualTo(-1);
        assertThat(Errno.lastFailure("close -1")).hasMessage("cannot close -1: Bad file descriptor");
    }

    @Test
    void batchCallsDoNotAllocate() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        callOften();
        long before = threads.getCurrentThreadAllocatedBytes();
        callOften();
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(CALLS);
    }

    private static void callOften() {
        for (int i = 0; i < CALLS; i++) {
            Libc.recvmmsg(-1, 0, 0, 0, 0);
            Libc.sendmmsg(-1, 0, 0, 0);
            Native.getLastError();
        }
    }
}
