#!/usr/bin/env bash
# Makes fragments-nested.pcap: on a link that carries 200 bytes and no more, a ping, a DNS answer and TCP segments in fragments, made by a
# router on the way (nobody asks it not to) and by the host that answers; then tunnels: VXLAN and IP in IP in fragments; fragments
# in IP in IP; and such fragments that are themselves too long for the link and come in fragments.
#
# Use: sudo captures/make/fragments-nested.sh

source "$(dirname "$0")/network.sh"

host alice
host router
host bob
for name in alice bob; do
    # fragments may be made of what is sent
    setting $name net.ipv4.ip_no_pmtu_disc=1 net.ipv4.tcp_congestion_control=reno
done
setting router net.ipv4.ip_forward=1
wire alice eth0 router eth0
wire router eth1 bob eth0
on router ip link set eth1 mtu 200
on bob ip link set eth0 mtu 200
address alice eth0 192.0.2.1/24
address router eth0 192.0.2.254/24
address router eth1 198.51.100.254/24
address bob eth0 198.51.100.2/24
on alice ip route add default via 192.0.2.254
on bob ip route add default via 198.51.100.254

# inside NAME OWN PEER_ADDRESS: addresses of the tunnels by the last number
inside() {
    background "$1" socat "TUN,tun-name=ipip0,iff-up,iff-no-pi" "IP4-DATAGRAM:$3:4"
    await on "$1" ip link show ipip0
    on "$1" ip link set ipip0 multicast off
    address "$1" ipip0 "203.0.113.$2/28"
    on "$1" ip link add vxlan42 address "00:00:5e:00:53:4$2" type vxlan id 42 dev eth0 remote "$3" srcport 50000 50001 dstport 4789 udpcsum
    on "$1" ip link set vxlan42 up
    address "$1" vxlan42 "203.0.113.$((16 + $2))/28"
}
inside alice 1 198.51.100.2
inside bob 2 192.0.2.1

background bob dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --user=root --pid-file= \
    --interface=eth0 --bind-interfaces --local=/example/ --txt-record=long.example,"$(printf 'a text that is long %.0s' {1..12})",'and its end'
await_listener bob tcp 53

# tunnel_mtu BYTES
tunnel_mtu() {
    on alice ip link set ipip0 mtu "$1"
    on bob ip link set ipip0 mtu "$1"
}

on alice ping -q -c 1 -s 8 198.51.100.2
on alice ping -q -c 1 -s 8 203.0.113.18
capture bob eth0 fragments-nested.pcap ip
on alice ping -q -c 1 -s 350 198.51.100.2
on alice dig +tries=1 +time=2 +nocookie -b '0.0.0.0#40001' @198.51.100.2 long.example TXT
background bob python3 "$make_directory/uppercase_server.py" 198.51.100.2 7007
await_listener bob tcp 7007
on alice python3 "$make_directory/uppercase_client.py" 198.51.100.2 7007 50007 "$(printf 'a line that is long %.0s' {1..18})"
await_background
# the tunnel's own packets in fragments
on alice ping -q -c 1 -s 200 203.0.113.18
tunnel_mtu 1400
on alice ping -q -c 1 -s 200 203.0.113.2
# fragments in the tunnel
tunnel_mtu 150
on alice ping -q -c 1 -s 200 203.0.113.2
# both
tunnel_mtu 250
on alice ping -q -c 1 -s 350 203.0.113.2
finish
