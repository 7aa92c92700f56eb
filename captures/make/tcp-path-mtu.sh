#!/usr/bin/env bash
# Makes tcp-path-mtu.pcap: a router has to tell a sender that its segments are too long for the next link, which quotes one of them, and what is
# lost is sent again in smaller ones: IPv4 (fragmentation needed) and IPv6 (packet too big); then a connection that knows already, and
# one whose MSS a router has made smaller on the way.
#
# Use: sudo captures/make/tcp-path-mtu.sh

source "$(dirname "$0")/network.sh"

host alice ipv6
host router ipv6
host bob ipv6
for name in alice router bob; do
    setting $name net.ipv6.conf.default.router_solicitations=0
done
for name in alice bob; do
    setting $name net.ipv4.tcp_congestion_control=reno
done
setting router net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
wire alice eth0 router eth0
wire router eth1 bob eth0
# bob does not know either, or he would tell by his MSS
on router ip link set eth1 mtu 1280
address alice eth0 192.0.2.10/24 2001:db8:1::10/64
address router eth0 192.0.2.1/24 2001:db8:1::1/64
address router eth1 198.51.100.1/24 2001:db8:2::1/64
address bob eth0 198.51.100.20/24 2001:db8:2::20/64
on alice ip route add default via 192.0.2.1
on alice ip -6 route add default via 2001:db8:1::1
on bob ip route add default via 198.51.100.1
on bob ip -6 route add default via 2001:db8:2::1
port=50000

# session ADDRESS BYTES
session() {
    port=$((port + 1))
    background bob python3 "$make_directory/tcp_player.py" serve "$1" 7007 read=all
    await_listener bob tcp 7007
    on alice python3 "$make_directory/tcp_player.py" call "$1" 7007 $port "send=$2"
    await_background
}

await_quiet_ipv6 alice
await_quiet_ipv6 bob
for target in 198.51.100.20 2001:db8:2::20; do
    on alice ping -q -c 1 $target >/dev/null
done
capture alice eth0 tcp-path-mtu.pcap 'tcp or icmp or (icmp6 and ip6[40] < 128)'
session 198.51.100.20 2600
session 2001:db8:2::20 2600
session 198.51.100.20 1300
on router nft 'add table ip smaller; add chain ip smaller forward { type filter hook forward priority 0; }; add rule ip smaller forward tcp flags syn tcp option maxseg size set 400'
session 198.51.100.20 800
finish
