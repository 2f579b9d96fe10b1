package net.fougateway.host;

import net.fougateway.linux.Netlink;
import net.fougateway.linux.TestNamespace;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Gives every test a namespace of its own with an underlay and the TUN device {@code fou0}, which is down. */
abstract class HostWithTun {

    TestNamespace namespace;
    Netlink netlink;

    @BeforeEach
    void makeNamespace() throws Exception {
        namespace = new TestNamespace();
        namespace.makeUnderlay();
        namespace.makeTun("fou0");
        netlink = namespace.netlink();
    }

    @AfterEach
    void removeNamespace() throws Exception {
        if (netlink != null) {
            netlink.close();
            namespace.close();
        }
    }
}
