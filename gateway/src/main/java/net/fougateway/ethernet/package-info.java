/** What a switch knows: where MAC addresses are, who may use them, and how much is sent to everybody. It reads frames and moves none. */
package net.fougateway.ethernet;
