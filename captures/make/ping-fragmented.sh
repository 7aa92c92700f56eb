#!/usr/bin/env bash
# Makes ping-fragmented.pcap: pings of 4000 bytes over a link that carries 1500, so in three fragments each way, over
# IPv4 and IPv6; then one that may not be fragmented behind a router with a narrower link: "fragmentation needed" and "packet too
# big".
#
# Use: sudo captures/make/ping-fragmented.sh

source "$(dirname "$0")/network.sh"

host alice ipv6
host router ipv6
host bob ipv6
for name in alice router bob; do
    setting $name net.ipv6.conf.default.router_solicitations=0
done
setting router net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
wire alice eth0 router eth0
wire router eth1 bob eth0
on router ip link set eth1 mtu 1400
on bob ip link set eth0 mtu 1400
address alice eth0 192.0.2.10/24 2001:db8:1::10/64
address router eth0 192.0.2.1/24 2001:db8:1::1/64
address router eth1 198.51.100.1/24 2001:db8:2::1/64
address bob eth0 198.51.100.20/24 2001:db8:2::20/64
on alice ip route add default via 192.0.2.1
on alice ip -6 route add default via 2001:db8:1::1
on bob ip route add default via 198.51.100.1
on bob ip -6 route add default via 2001:db8:2::1
await_quiet_ipv6 alice
await_quiet_ipv6 bob
capture alice eth0 ping-fragmented.pcap
on alice ping -q -c 1 -s 4000 192.0.2.1
on alice ping -q -c 1 -s 4000 2001:db8:1::1
# the first of each is lost, and teaches the ping of what size the next may be
on alice ping -q -c 1 -W 1 -s 1472 -M 'do' 198.51.100.20 || true
on alice ping -q -c 2 -i 0.3 -W 1 -s 1452 2001:db8:2::20 || true
finish
