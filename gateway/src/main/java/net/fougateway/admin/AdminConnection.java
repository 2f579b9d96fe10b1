package net.fougateway.admin;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.WriteTimeoutException;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import net.fougateway.metrics.AdminRefusal;

/**
 * One connection of the admin port: takes one request after the other, lets {@code pages} answer it on another thread, and closes when the
 * client does not finish its request in time, or sends what nobody should send.
 */
final class AdminConnection extends ChannelInboundHandlerAdapter {

    /** From the first byte, or from the connection, to the end of the request. */
    private static final long REQUEST_SECONDS = 5;

    private static final int MISDIRECTED = 421;

    private final Function<Request, Response> pages;
    private final Executor threads;
    private final Connections connections;
    private final Gatekeeper keeper;
    private ScheduledFuture<?> deadline;
    private HttpRequest request;
    private boolean begun;

    AdminConnection(Function<Request, Response> pages, Executor threads, Connections connections, Gatekeeper keeper) {
        this.pages = pages;
        this.threads = threads;
        this.connections = connections;
        this.keeper = keeper;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        connections.waits(context.channel());
        deadline = closeLater(context);
        context.read();
    }

    private ScheduledFuture<?> closeLater(ChannelHandlerContext context) {
        return context.executor().schedule(() -> closeNow(context), REQUEST_SECONDS, TimeUnit.SECONDS);
    }

    /** Clients open connections that they then have no use for; this is no refusal. */
    private void closeNow(ChannelHandlerContext context) {
        if (begun || !keeper.isOpen(context.channel())) {
            keeper.refused(
                    AdminRefusal.TOO_SLOW,
                    context.channel(),
                    "no request was complete within " + REQUEST_SECONDS + " s");
        }
        context.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        connections.isBusy(context.channel());
        deadline.cancel(false);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        try {
            Response refusal = null;
            if (message instanceof HttpRequest head) {
                request = head;
                refusal = refusal(head);
            }
            if (refusal != null) {
                isHeard(context);
                keeper.refused(AdminRefusal.MALFORMED, context.channel(), new String(refusal.body(), US_ASCII).strip());
                write(context, refusal, false);
            } else if (message instanceof LastHttpContent) {
                isHeard(context);
                answer(context);
            } else {
                context.read();
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void isHeard(ChannelHandlerContext context) {
        begun = false;
        deadline.cancel(false);
        connections.isBusy(context.channel());
    }

    private void answer(ChannelHandlerContext context) {
        boolean keepAlive = HttpUtil.isKeepAlive(request);
        keeper.judge(
                toRequest(context),
                context.channel(),
                admitted -> serve(context, admitted, keepAlive),
                refused -> context.executor().execute(() -> write(context, refused, keepAlive)));
    }

    private void serve(ChannelHandlerContext context, Request asked, boolean keepAlive) {
        if (asked.path().equals("/livez")) {
            context.executor().execute(() -> write(context, pages.apply(asked), keepAlive));
        } else {
            ask(context, asked, keepAlive);
        }
    }

    private void ask(ChannelHandlerContext context, Request asked, boolean keepAlive) {
        try {
            threads.execute(() -> {
                Response response = pages.apply(asked);
                context.executor().execute(() -> write(context, response, keepAlive));
            });
        } catch (RejectedExecutionException e) {
            keeper.refused(AdminRefusal.TOO_MANY, context.channel(), "too many requests are being answered");
            Response busy = Response.text(503, "too many requests at once: try again\n");
            context.executor().execute(() -> write(context, busy, false));
        }
    }

    /** {@code null} when the request may be answered. */
    private static Response refusal(HttpRequest request) {
        if (request.decoderResult().isFailure()) {
            boolean tooLong = request.decoderResult().cause() instanceof TooLongFrameException;
            return tooLong ? Response.text(431, "the request is too long\n") : Response.text(400, "this is not HTTP\n");
        }
        if (HttpUtil.isTransferEncodingChunked(request) || HttpUtil.getContentLength(request, 0L) != 0) {
            return Response.text(413, "no request has a body here\n");
        }
        int hosts = request.headers().getAll(HttpHeaderNames.HOST).size();
        return hosts > 1 || (hosts == 0 && request.protocolVersion().equals(HttpVersion.HTTP_1_1))
                ? Response.text(400, "exactly one Host header is needed\n")
                : null;
    }

    private Request toRequest(ChannelHandlerContext context) {
        QueryStringDecoder uri = new QueryStringDecoder(request.uri());
        String query = uri.rawQuery().isEmpty() ? "" : QueryStringDecoder.decodeComponent(uri.rawQuery());
        return new Request(
                request.method().name(),
                uri.path(),
                query,
                request.headers()::get,
                new Request.Way(
                        keeper.protection(),
                        context.channel().remoteAddress(),
                        context.channel().localAddress()),
                true);
    }

    private void write(ChannelHandlerContext context, Response response, boolean mayKeepAlive) {
        boolean keepAlive = mayKeepAlive && keeper.isUpToDate();
        if (response.code() == MISDIRECTED) {
            keeper.refused(AdminRefusal.HOST, context.channel(), new String(response.body(), US_ASCII).strip());
        }
        boolean head = request.method().equals(HttpMethod.HEAD);
        FullHttpResponse http = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                HttpResponseStatus.valueOf(response.code()),
                head ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(response.body()));
        http.headers().set(HttpHeaderNames.CONTENT_TYPE, response.contentType());
        response.headers().forEach(http.headers()::set);
        keeper.headers().forEach(http.headers()::set);
        http.headers().set(HttpHeaderNames.CONTENT_LENGTH, response.body().length);
        http.headers()
                .set(HttpHeaderNames.CONNECTION, keepAlive ? HttpHeaderValues.KEEP_ALIVE : HttpHeaderValues.CLOSE);
        ChannelFuture written = context.writeAndFlush(http);
        if (keepAlive) {
            written.addListener((ChannelFutureListener) done -> next(context));
        } else {
            written.addListener(ChannelFutureListener.CLOSE);
        }
    }

    private void next(ChannelHandlerContext context) {
        if (context.channel().isActive()) {
            connections.waits(context.channel());
            context.read();
        }
    }

    /** The first byte of another request. */
    void begins(ChannelHandlerContext context) {
        begun = true;
        if (deadline.isDone()) {
            deadline = closeLater(context);
        }
    }

    /** Also the end of patience with a client that does not read. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof WriteTimeoutException) {
            keeper.refused(AdminRefusal.TOO_SLOW, context.channel(), "it did not read its answer");
        }
        context.close();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake && keeper.admits(context.channel(), handshake)) {
            // The event has used up what was asked for with read(), or is about to.
            context.executor().execute(context::read);
        } else if (event instanceof SslHandshakeCompletionEvent || event instanceof IdleStateEvent) {
            context.close();
        }
    }
}
