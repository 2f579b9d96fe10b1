/** How much of what others can cause gets into the log. */
package net.fougateway.log;
