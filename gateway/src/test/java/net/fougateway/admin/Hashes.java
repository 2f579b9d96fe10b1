package net.fougateway.admin;

import at.favre.lib.crypto.bcrypt.BCrypt;

/** Hashes of passwords for tests. */
final class Hashes {

    private Hashes() {}

    /** As {@code htpasswd -B} writes it, at a cost of {@code cost}. */
    static String of(String password, int cost) {
        return BCrypt.with(BCrypt.Version.VERSION_2Y).hashToString(cost, password.toCharArray());
    }
}
