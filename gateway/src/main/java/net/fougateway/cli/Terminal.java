package net.fougateway.cli;

import net.fougateway.linux.Libc;
import net.fougateway.linux.NativeMemory;

/**
 * The terminal that standard output goes to.
 *
 * @param rows 0 where it is none, or does not tell
 * @param columns likewise
 */
record Terminal(int rows, int columns) {

    /** None, or one of any size. */
    static final Terminal NONE = new Terminal(0, 0);

    private static final int STDOUT = 1;
    private static final long TIOCGWINSZ = 0x5413;
    private static final int WINSIZE_BYTES = 8;

    /** Its size at this moment. */
    static Terminal now() {
        NativeMemory size = NativeMemory.allocate(WINSIZE_BYTES);
        return size.call(address -> Libc.ioctl(STDOUT, TIOCGWINSZ, address)) < 0
                ? NONE
                : new Terminal(size.buffer().getShort(0) & 0xffff, size.buffer().getShort(2) & 0xffff);
    }

    /** How many lines a list may take of it, so that others have room too. */
    int share() {
        return rows == 0 ? Integer.MAX_VALUE : Math.max(rows / 3, 1);
    }

    /** As much of a line as fits; a colour at its beginning ends with it. */
    String cut(String line) {
        int start = line.startsWith("\u001b") ? line.indexOf('m') + 1 : 0;
        String shown = start == 0 ? line : line.substring(start, line.length() - StatusView.PLAIN.length());
        return columns == 0 || shown.length() <= columns
                ? line
                : line.substring(0, start) + shown.substring(0, columns - 1) + "…"
                        + (start == 0 ? "" : StatusView.PLAIN);
    }
}
