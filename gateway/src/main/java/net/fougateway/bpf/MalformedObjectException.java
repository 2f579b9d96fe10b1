package net.fougateway.bpf;

/** An object file that is none, is damaged, or needs what {@link BpfObject} does not know; the message says what and where. */
public final class MalformedObjectException extends Exception {

    private static final long serialVersionUID = 1L;

    MalformedObjectException(String message) {
        super(message);
    }
}
