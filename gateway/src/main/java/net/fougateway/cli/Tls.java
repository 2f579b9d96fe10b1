package net.fougateway.cli;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import net.fougateway.config.HttpAccess;

/** The client's end of TLS. */
final class Tls {

    private static final char[] NO_PASSWORD = {};

    private Tls() {}

    /**
     * TLS over a connection, after the handshake.
     *
     * @param to the name or address there must be in the server's certificate, unless {@code access} has another
     */
    static Socket client(HttpAccess access, Socket connection, AdminAddress.Tcp to) throws IOException {
        String name = access.serverName().orElse(to.host());
        SSLSocket socket =
                (SSLSocket) context(access).getSocketFactory().createSocket(connection, name, to.port(), true);
        if (!access.trustsAnybody()) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            socket.setSSLParameters(parameters);
        }
        socket.startHandshake();
        return socket;
    }

    private static SSLContext context(HttpAccess access) throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys(access), trust(access), new SecureRandom());
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    private static KeyManager[] keys(HttpAccess access) throws GeneralSecurityException, IOException {
        if (access.key() == null) {
            return new KeyManager[0];
        }
        KeyStore store = emptyStore();
        store.setKeyEntry("own", access.key(), NO_PASSWORD, access.chain().toArray(new X509Certificate[0]));
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, NO_PASSWORD);
        return factory.getKeyManagers();
    }

    /** Null stands for the JDK's authorities. */
    private static TrustManager[] trust(HttpAccess access) throws GeneralSecurityException, IOException {
        if (access.trustsAnybody()) {
            return new TrustManager[] {new Anybody()};
        }
        if (access.authorities().isEmpty()) {
            return null;
        }
        KeyStore store = emptyStore();
        List<X509Certificate> authorities = access.authorities();
        for (int i = 0; i < authorities.size(); i++) {
            store.setCertificateEntry(Integer.toString(i), authorities.get(i));
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, NO_PASSWORD);
        return store;
    }

    /** The operator said insecure_skip_verify. */
    private static final class Anybody extends X509ExtendedTrustManager {

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {
            throw new UnsupportedOperationException("there are no clients here");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
            throw new UnsupportedOperationException("there are no clients here");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {
            throw new UnsupportedOperationException("there are no clients here");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {
            // Whoever it is.
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
            // Whoever it is.
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {
            // Whoever it is.
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
