package net.fougateway.admin;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import at.favre.lib.crypto.bcrypt.BCrypt;
import at.favre.lib.crypto.bcrypt.LongPasswordStrategies;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Checks passwords of basic authentication (RFC 7617) against bcrypt hashes. A hash is made to take long, so this happens on one thread of
 * its own, which rests after a wrong password: guessing takes a part of one processor only. What was right once is known from then on.
 */
final class Passwords implements AutoCloseable {

    /** What becomes of a request. */
    enum Verdict {
        RIGHT,
        WRONG,
        NONE_GIVEN,
        TOO_MANY
    }

    private static final String SCHEME = "basic ";
    private static final int MOST_WAITING = 16;
    private static final int MOST_KNOWN = 256;
    /** After a wrong password the thread rests for so many times as long as it took to see that. */
    private static final int REST = 4;

    private static final int IPV6_NETWORK_BYTES = 8;

    private final Map<String, String> hashes;
    /** Who asks with a name that is not known waits as long as others. */
    private final String anyHash;

    private final byte[] salt = new byte[32];
    private final Set<ByteBuffer> known = ConcurrentHashMap.newKeySet();
    private final Set<InetAddress> waiting = ConcurrentHashMap.newKeySet();
    private final ThreadPoolExecutor thread = new ThreadPoolExecutor(
            0,
            1,
            1,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(MOST_WAITING),
            new DefaultThreadFactory("admin-passwords", true));

    /** By name of the user. */
    Passwords(Map<String, String> hashes) {
        this.hashes = Map.copyOf(hashes);
        anyHash = hashes.values().stream().findFirst().orElse("");
        new SecureRandom().nextBytes(salt);
    }

    /** True when nobody is asked for a password. */
    boolean isEmpty() {
        return hashes.isEmpty();
    }

    /**
     * Judges a request.
     *
     * @param authorization the header's value, or {@code null}
     * @param from each address, or IPv6 network of /64, has one password looked at at a time
     * @param judged gets the verdict, at once or on another thread
     */
    void judge(String authorization, InetAddress from, Consumer<Verdict> judged) {
        if (authorization == null || !authorization.toLowerCase(Locale.ROOT).startsWith(SCHEME)) {
            judged.accept(Verdict.NONE_GIVEN);
        } else if (known.contains(digest(authorization))) {
            judged.accept(Verdict.RIGHT);
        } else {
            look(authorization, network(from), judged);
        }
    }

    private void look(String authorization, InetAddress network, Consumer<Verdict> judged) {
        if (!waiting.add(network)) {
            judged.accept(Verdict.TOO_MANY);
            return;
        }
        try {
            thread.execute(() -> lookNow(authorization, network, judged));
        } catch (RejectedExecutionException full) {
            waiting.remove(network);
            judged.accept(Verdict.TOO_MANY);
        }
    }

    /** Whatever happens, there is a verdict, and the next password of the network is looked at. */
    private void lookNow(String authorization, InetAddress network, Consumer<Verdict> judged) {
        long start = System.nanoTime();
        boolean right = false;
        try {
            right = isRight(authorization);
        } finally {
            waiting.remove(network);
            judged.accept(right ? Verdict.RIGHT : Verdict.WRONG);
        }
        if (!right) {
            LockSupport.parkNanos(REST * (System.nanoTime() - start));
        }
    }

    private boolean isRight(String authorization) {
        String given = decode(authorization.substring(SCHEME.length()).strip());
        int colon = given.indexOf(':');
        String name = given.substring(0, Math.max(colon, 0));
        String hash = hashes.getOrDefault(name, anyHash);
        byte[] password = given.substring(colon + 1).getBytes(UTF_8);
        boolean right = BCrypt.verifyer(null, LongPasswordStrategies.truncate(BCrypt.Version.VERSION_2A))
                .verify(password, hash.getBytes(UTF_8))
                .verified;
        boolean accepted = right && hashes.containsKey(name);
        if (accepted && known.size() < MOST_KNOWN) {
            known.add(digest(authorization));
        }
        return accepted;
    }

    private static String decode(String base64) {
        try {
            return new String(Base64.getDecoder().decode(base64.getBytes(ISO_8859_1)), UTF_8);
        } catch (IllegalArgumentException notBase64) {
            return "";
        }
    }

    private ByteBuffer digest(String authorization) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(salt);
            return ByteBuffer.wrap(digest.digest(authorization.getBytes(UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static InetAddress network(InetAddress from) {
        if (!(from instanceof Inet6Address)) {
            return from;
        }
        byte[] bytes = from.getAddress();
        Arrays.fill(bytes, IPV6_NETWORK_BYTES, bytes.length, (byte) 0);
        return address(bytes);
    }

    private static InetAddress address(byte... bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Who waits still gets a verdict. */
    @Override
    public void close() {
        thread.shutdown();
    }
}
