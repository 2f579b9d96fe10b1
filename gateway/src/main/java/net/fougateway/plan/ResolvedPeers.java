package net.fougateway.plan;

import java.util.List;
import net.fougateway.route.Peer;

/**
 * Configured peers as the packet path needs them.
 *
 * @param peers in configuration order, also those whose address is not known, see {@link Peer#isResolved}
 * @param problems why it is not, one sentence for each of those
 */
record ResolvedPeers(List<Peer> peers, List<String> problems) {}
