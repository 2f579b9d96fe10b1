/** The kernel's own tunnels, and the configuration that takes their place, as text. Changes nothing anywhere. */
package net.fougateway.migration;
