package net.fougateway.admin;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/** Tells a connection that bytes arrive, before they are a request: the time for sending one begins. */
final class FirstByte extends ChannelInboundHandlerAdapter {

    private final AdminConnection connection;

    FirstByte(AdminConnection connection) {
        this.connection = connection;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        connection.begins(context);
        context.fireChannelRead(message);
    }
}
