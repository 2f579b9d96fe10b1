/** What a plain Linux kernel at the other end of a peer has to be told, as text. Changes nothing anywhere. */
package net.fougateway.otherend;
