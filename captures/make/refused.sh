#!/usr/bin/env bash
# Makes refused.pcap: a TCP connection to a port where nobody listens (a reset), a datagram to one (ICMP port
# unreachable), and both over IPv6.
#
# Use: sudo captures/make/refused.sh

source "$(dirname "$0")/network.sh"

host alice ipv6
host bob ipv6
setting alice net.ipv6.conf.default.router_solicitations=0
setting bob net.ipv6.conf.default.router_solicitations=0
wire alice eth0 bob eth0
address alice eth0 192.0.2.1/24 2001:db8::1/64
address bob eth0 192.0.2.2/24 2001:db8::2/64
await_quiet_ipv6 alice
await_quiet_ipv6 bob
capture alice eth0 refused.pcap
for address in 192.0.2.2 2001:db8::2; do
    # refused is what we want
    on alice nc -n -z -p 50023 "$address" 23 || true
    on alice python3 "$make_directory/datagram_chat.py" shout "$address" 9 40009 'anybody there?'
done
finish
