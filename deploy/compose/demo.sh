#!/bin/sh
# Proves the tunnel from inside the left gateway's network: exit code 0 when all arrives.
set -eu

try() {
    echo
    echo "--- $1"
    shift
    "$@"
}

# -w: seconds after which a try has failed. 1444 bytes of data are 1472 with their ICMP and IP headers, the device's MTU.
try "IPv4" ping -c 5 -i 0.2 -w 10 10.10.10.2
try "IPv6" ping -c 5 -i 0.2 -w 10 fd00:10::2
try "the largest packet that fits, not to be fragmented" ping -c 5 -i 0.2 -w 10 -M do -s 1444 10.10.10.2
try "an address behind the right gateway, by way of allowed_ips" ping -c 5 -i 0.2 -w 10 10.42.2.1
echo
echo "the tunnel works"
