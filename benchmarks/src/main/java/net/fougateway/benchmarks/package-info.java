/** JMH benchmarks of the codec and of the packet path. */
package net.fougateway.benchmarks;
