package net.fougateway.linux;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Named network namespaces as {@code ip netns} makes them, under {@code /run/netns}. */
public final class NetworkNamespace {

    private static final String DIRECTORY = "/run/netns/";
    private static final int O_CLOEXEC = 0x80000;
    private static final int CLONE_NEWNET = 0x40000000;

    private NetworkNamespace() {}

    /**
     * Moves the calling thread into a namespace for the rest of its life. Threads and processes that it starts from then
     * on begin there too; sockets and devices belong to the namespace of the thread that opened them.
     *
     * @throws LinuxException when there is no such namespace, or without CAP_SYS_ADMIN
     */
    public static void enter(String namespace) throws LinuxException {
        String attempted = "enter network namespace " + namespace;
        int fd = Libc.open(DIRECTORY + namespace, O_CLOEXEC);
        if (fd < 0) {
            throw Errno.lastFailure(attempted);
        }
        try {
            if (Libc.setns(fd, CLONE_NEWNET) < 0) {
                throw Errno.lastFailure(attempted);
            }
        } finally {
            Libc.close(fd);
        }
    }

    /**
     * Runs {@code task} in a new thread inside a namespace and waits for it. The caller's own thread stays where it is.
     *
     * @throws LinuxException when the namespace cannot be entered
     * @throws Exception what {@code task} throws
     */
    public static <T> T call(String namespace, Callable<T> task) throws Exception {
        FutureTask<T> future = new FutureTask<>(() -> {
            enter(namespace);
            return task.call();
        });
        new Thread(future, "netns-" + namespace).start();
        try {
            return future.get();
        } catch (InterruptedException e) {
            future.cancel(true);
            throw e;
        } catch (ExecutionException e) {
            throw unwrap(e);
        }
    }

    private static Exception unwrap(ExecutionException wrapper) {
        if (wrapper.getCause() instanceof Error error) {
            throw error;
        }
        return wrapper.getCause() instanceof Exception cause ? cause : wrapper;
    }
}
