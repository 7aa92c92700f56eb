#!/usr/bin/env bash
# Makes traceroute.pcap: the way through two routers, asked for with UDP, with ICMP and with TCP, and over IPv6; each "time
# exceeded" quotes the packet that it is about.
#
# Use: sudo captures/make/traceroute.sh

source "$(dirname "$0")/network.sh"

for name in alice first second bob; do
    host $name ipv6
    setting $name net.ipv6.conf.default.router_solicitations=0 net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
    # answer every probe, however quickly they come
    setting $name net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
done
wire alice eth0 first eth0
wire first eth1 second eth0
wire second eth1 bob eth0
address alice eth0 192.0.2.10/24 2001:db8:1::10/64
address first eth0 192.0.2.1/24 2001:db8:1::1/64
address first eth1 198.51.100.1/24 2001:db8:2::1/64
address second eth0 198.51.100.2/24 2001:db8:2::2/64
address second eth1 203.0.113.1/24 2001:db8:3::1/64
address bob eth0 203.0.113.20/24 2001:db8:3::20/64
on alice ip route add default via 192.0.2.1
on alice ip -6 route add default via 2001:db8:1::1
on first ip route add default via 198.51.100.2
on first ip -6 route add default via 2001:db8:2::2
on second ip route add default via 198.51.100.1
on second ip -6 route add default via 2001:db8:2::1
on bob ip route add default via 203.0.113.1
on bob ip -6 route add default via 2001:db8:3::1
for name in alice first second bob; do
    await no_tentative_address $name
done
await_quiet_ipv6 bob
capture alice eth0 traceroute.pcap
on alice traceroute -n -q 2 -N 1 -w 1 203.0.113.20
on alice traceroute -n -q 1 -N 1 -w 1 --icmp 203.0.113.20
on alice traceroute -n -q 1 -N 1 -w 1 --tcp --port=80 203.0.113.20
on alice traceroute -n -6 -q 1 -N 1 -w 1 2001:db8:3::20
on alice traceroute -n -6 -q 1 -N 1 -w 1 --icmp 2001:db8:3::20
finish
