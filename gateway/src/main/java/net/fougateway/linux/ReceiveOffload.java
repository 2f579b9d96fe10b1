package net.fougateway.linux;

import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;

/** Whether a device joins what it receives (GRO), as {@code ethtool -k} tells. */
public final class ReceiveOffload {

    private static final int SIOCETHTOOL = 0x8946;
    private static final int ETHTOOL_GGRO = 0x2b;
    private static final int IFREQ_BYTES = 40;
    private static final int NAME_BYTES = 16;

    private ReceiveOffload() {}

    /** True when the device, in the namespace of the calling thread, does; false when it is not there or cannot tell. */
    public static boolean isOn(String device) {
        int fd = Libc.socket(Sockets.AF_INET, Sockets.SOCK_DGRAM | Sockets.SOCK_CLOEXEC, 0);
        if (fd < 0) {
            return false;
        }
        NativeMemory value = NativeMemory.allocate(2 * Integer.BYTES);
        NativeMemory request = NativeMemory.allocate(IFREQ_BYTES);
        value.buffer().putInt(0, ETHTOOL_GGRO);
        request.buffer().put(0, device.getBytes(StandardCharsets.UTF_8)).putLong(NAME_BYTES, value.address());
        try {
            boolean told = request.call(address -> Libc.ioctl(fd, SIOCETHTOOL, address)) == 0;
            return told && value.buffer().getInt(Integer.BYTES) != 0;
        } finally {
            Reference.reachabilityFence(value);
            Libc.close(fd);
        }
    }
}
