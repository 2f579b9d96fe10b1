package net.fougateway.admin;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import net.fougateway.metrics.AdminRefusal;

/** Answers whoever speaks plain HTTP where TLS is spoken, in plain HTTP. */
final class PlainHttp extends ChannelInboundHandlerAdapter {

    /** RFC 8446, 5.1: what every connection begins with. */
    private static final int HANDSHAKE = 22;

    private static final String ANSWER = """
            HTTP/1.0 400 Bad Request\r
            Content-Type: text/plain; charset=utf-8\r
            \r
            this port speaks TLS: ask with https://
            """;

    private final Refusals refusals;

    PlainHttp(Refusals refusals) {
        this.refusals = refusals;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        if (bytes.getUnsignedByte(bytes.readerIndex()) == HANDSHAKE) {
            context.pipeline().remove(this);
            context.fireChannelRead(message);
            return;
        }
        ReferenceCountUtil.release(message);
        refusals.add(
                AdminRefusal.PLAIN_HTTP,
                context.channel().remoteAddress(),
                "it spoke plain HTTP, and this port speaks TLS (admin.web_config): ask with https://");
        context.writeAndFlush(Unpooled.copiedBuffer(ANSWER, US_ASCII)).addListener(ChannelFutureListener.CLOSE);
    }
}
