package net.fougateway.admin;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import net.fougateway.metrics.AdminRefusal;

/** Decides for one connection who may ask, counts who may not, and says so in the log. */
final class Gatekeeper {

    /** Asked by kubelet and load balancers, which have no password; strangers learn yes or no. */
    private static final Set<String> OPEN_TO_ALL = Set.of("/livez", "/readyz", "/healthz");

    private final Request.Protection protection;
    private final Access ofConnection;
    private final Supplier<Access> now;
    private final Refusals refusals;

    /**
     * The keeper of a new connection.
     *
     * @param ofConnection what held when it began
     * @param now what holds
     */
    Gatekeeper(Request.Protection protection, Access ofConnection, Supplier<Access> now, Refusals refusals) {
        this.protection = protection;
        this.ofConnection = ofConnection;
        this.now = now;
        this.refusals = refusals;
    }

    /** How the connection is protected. */
    Request.Protection protection() {
        return protection;
    }

    /** True while what held when the connection began still holds; otherwise the client must come anew. */
    boolean isUpToDate() {
        return protection == Request.Protection.UNIX || ofConnection == now.get();
    }

    /** Headers of every answer. */
    Map<String, String> headers() {
        return now.get().headers();
    }

    /** Counts a refusal, for the log with the reason. */
    void refused(AdminRefusal refusal, Channel channel, String why) {
        refusals.add(refusal, channel.remoteAddress(), why);
    }

    /** True when no TLS handshake is under way, or any more. */
    boolean isOpen(Channel channel) {
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        return tls == null || tls.handshakeFuture().isDone();
    }

    /** True when the client may go on after the TLS handshake. */
    boolean admits(Channel channel, SslHandshakeCompletionEvent handshake) {
        Optional<String> objection = handshake.isSuccess()
                ? ofConnection.objection(channel.pipeline().get(SslHandler.class))
                : reason(handshake.cause());
        objection.ifPresent(why -> refused(AdminRefusal.TLS, channel, why));
        return handshake.isSuccess() && objection.isEmpty();
    }

    /** Nothing for one who left without a word, as those do who only look whether the port is open. */
    private static Optional<String> reason(Throwable cause) {
        if (cause instanceof ClosedChannelException || !(cause instanceof SSLException)) {
            return Optional.empty();
        }
        return Optional.of("the TLS handshake failed: " + cause.getMessage());
    }

    /**
     * Judges a request.
     *
     * @param admitted gets the request, as that of a stranger where it has no password and needs none
     * @param refused gets the answer in its place; either happens at once, or on another thread
     */
    void judge(Request request, Channel channel, Consumer<Request> admitted, Consumer<Response> refused) {
        Passwords passwords = now.get().passwords();
        if (protection == Request.Protection.UNIX || passwords.isEmpty()) {
            admitted.accept(request);
            return;
        }
        String authorization = request.headers().first(HttpHeaderNames.AUTHORIZATION.toString());
        boolean open = OPEN_TO_ALL.contains(request.path());
        if (open && authorization == null) {
            admitted.accept(request.asStranger());
            return;
        }
        passwords.judge(authorization, ((InetSocketAddress) channel.remoteAddress()).getAddress(), verdict -> {
            if (verdict == Passwords.Verdict.RIGHT) {
                admitted.accept(request);
            } else {
                refused.accept(refusal(verdict, channel));
            }
        });
    }

    private Response refusal(Passwords.Verdict verdict, Channel channel) {
        if (verdict == Passwords.Verdict.TOO_MANY) {
            refused(AdminRefusal.TOO_MANY, channel, "too many passwords are being looked at");
            return Response.text(429, "too many passwords at once: try again\n", "Retry-After", "1");
        }
        refused(
                AdminRefusal.PASSWORD,
                channel,
                verdict == Passwords.Verdict.WRONG ? "its name or password is wrong" : "it gave no password");
        return Response.text(
                401,
                "a name and password are needed here\n",
                "WWW-Authenticate",
                "Basic realm=\"fou-gateway\", charset=\"UTF-8\"");
    }
}
