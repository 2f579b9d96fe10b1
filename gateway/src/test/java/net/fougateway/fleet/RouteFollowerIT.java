package net.fougateway.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.fougateway.linux.Netlink;
import net.fougateway.linux.RouteEvents;
import net.fougateway.linux.TestNamespace;
import net.fougateway.metrics.Routing.Cause;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** More routes change at once than the kernel can tell. */
class RouteFollowerIT {

    private static final int ROUTES = 20_000;
    private static final int MAIN = 254;
    private static final int FEW_EVENTS_BYTES = 4096;

    @TempDir
    private Path directory;

    @Test
    void whatTheKernelCouldNotTellIsReadAllTheSame() throws Exception {
        AtomicReference<FollowedRoutes> seen = new AtomicReference<>(FollowedRoutes.NONE);
        try (TestNamespace host = hostWithDevice();
                Netlink netlink = host.netlink();
                RouteFollower follower = follower(host, netlink, FEW_EVENTS_BYTES, seen)) {
            follower.start();
            host.ip("-batch " + batch("add", 0, ROUTES));
            follower.round();
            assertThat(seen.get().routes()).hasSize(ROUTES);
            assertThat(follower.reads().byCause()).containsEntry(Cause.OVERFLOW, 1L);
            host.ip("-batch " + batch("del", 0, ROUTES / 2));
            follower.round();
            assertThat(seen.get().routes()).hasSize(ROUTES / 2);
            assertThat(follower.reads().byCause()).containsEntry(Cause.OVERFLOW, 2L);
        }
    }

    @Test
    void theLastOfManyChangesIsSeen() throws Exception {
        AtomicReference<FollowedRoutes> seen = new AtomicReference<>(FollowedRoutes.NONE);
        try (TestNamespace host = hostWithDevice();
                Netlink netlink = host.netlink();
                RouteFollower follower = follower(host, netlink, RouteEvents.BUFFER_BYTES, seen)) {
            follower.start();
            Path batch = batch("add", 0, ROUTES);
            CompletableFuture<String> adding = CompletableFuture.supplyAsync(() -> ip(host, "-batch " + batch));
            while (!adding.isDone()) {
                follower.round();
            }
            adding.join();
            follower.round();
            assertThat(seen.get().routes()).hasSize(ROUTES);
            assertThat(follower.reads().byCause()).doesNotContainKey(Cause.OVERFLOW);
        }
    }

    private static TestNamespace hostWithDevice() throws IOException {
        TestNamespace host = new TestNamespace();
        host.makeTun("fou0");
        host.ip("link set fou0 up");
        return host;
    }

    private static RouteFollower follower(
            TestNamespace host, Netlink netlink, int bufferBytes, AtomicReference<FollowedRoutes> seen)
            throws Exception {
        RouteEvents events = host.call(() -> RouteEvents.open(bufferBytes));
        return new RouteFollower(events, netlink, "fou0", MAIN, seen::set);
    }

    private Path batch(String verb, int from, int to) throws IOException {
        return Files.writeString(
                directory.resolve(verb),
                IntStream.range(from, to)
                        .mapToObj(i -> "route %s 10.%d.%d.%d/30 via 172.16.0.%d dev fou0 onlink"
                                .formatted(verb, i >> 14, i >> 6 & 255, (i & 63) << 2, 1 + i % 250))
                        .collect(Collectors.joining("\n", "", "\n")));
    }

    private static String ip(TestNamespace host, String arguments) {
        try {
            return host.ip(arguments);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
