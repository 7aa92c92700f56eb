#!/usr/bin/env bash
# Makes tour.pcapng: a bit of everything, in the order in which a student would meet it. A laptop (192.0.2.10) asks for an
# address, pings, resolves a name, talks TCP to itself on `lo`, fetches a page with and without TLS, is refused, is cut
# off, sends datagrams into the void and a fragmented ping, does it all again over IPv6, and pings inside a VLAN. Between it and
# the server (198.51.100.20) stands a router. Two interfaces (eth0 and lo), and comments on the packets worth a stop.
#
# Use: sudo captures/make/tour.sh

source "$(dirname "$0")/network.sh"
source "$(dirname "$0")/web_server.sh"

host laptop ipv6
host router ipv6
host server
# No solicitations but those that are asked for below.
setting laptop net.ipv6.conf.default.router_solicitations=0 net.ipv6.conf.default.accept_ra=0
setting router net.ipv6.conf.default.router_solicitations=0 net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
wire laptop eth0 router eth0
wire router eth1 server eth0
address router eth0 192.0.2.1/24 2001:db8::1/64
address router eth1 198.51.100.1/24
address server eth0 198.51.100.20/24
on server ip route add default via 198.51.100.1

# ---- what answers

background router dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --no-ping --user=root --pid-file= \
    --interface=eth0 --bind-interfaces --dhcp-leasefile="$scratch/leases" --dhcp-range=192.0.2.10,192.0.2.10,1h \
    --enable-ra --dhcp-range=2001:db8::,ra-only,64,1h --dhcp-option=option:domain-name,example --host-record=server.example,198.51.100.20,2001:db8::20 --local=/example/
await_listener router udp 67
web_server server 198.51.100.20 server.example
background server python3 "$make_directory/uppercase_server.py" 198.51.100.20 7007
background server python3 "$make_directory/datagram_chat.py" listen 198.51.100.20 5005
background server python3 "$make_directory/cutting_server.py" 198.51.100.20 7008
background laptop python3 "$make_directory/uppercase_server.py" 127.0.0.1 7007
for port in 7007 7008; do await_listener server tcp $port; done
await_listener laptop tcp 7007
background laptop python3 "$make_directory/vlan_tagger.py" eth0 eth0.10 8100:10:5
background router python3 "$make_directory/vlan_tagger.py" eth0 eth0.10 8100:10:5
for name in laptop router; do
    await on $name ip link show eth0.10
    setting $name net.ipv6.conf.eth0/10.disable_ipv6=1
    prepare $name eth0.10
    address $name eth0.10 "203.0.113.$([[ $name == laptop ]] && echo 10 || echo 1)/24"
done
await_quiet_ipv6 laptop
await_quiet_ipv6 router

# ---- the tour

capture_pcapng laptop tour.pcapng -i eth0 -i lo

# An address: discover, offer, request, acknowledgement.
cat >"$scratch/lease" <<'SCRIPT'
#!/bin/sh
[ "$1" = bound ] && ip address add "$ip/24" dev "$interface" && ip route add default via "$router"
exit 0
SCRIPT
chmod +x "$scratch/lease"
on laptop udhcpc --interface=eth0 --quit --now --script="$scratch/lease" -x hostname:laptop

# Is the server there? And who stands between?
on laptop ping -q -c 2 -i 0.2 198.51.100.20
on laptop traceroute -n -q 1 -N 1 -w 1 198.51.100.20

# Names.
on laptop dig +noedns -b 0.0.0.0#40001 @192.0.2.1 server.example A +short
on laptop dig -b 0.0.0.0#40002 @192.0.2.1 nobody.example A +short

# A server that answers in capitals: at home, then the web.
on laptop python3 "$make_directory/uppercase_client.py" 127.0.0.1 7007 50007 'hello, world' 'goodbye'
sleep 0.3
on laptop curl --silent --show-error --local-port 50080 --user-agent curl --resolve server.example:80:198.51.100.20 http://server.example/
on laptop curl --silent --show-error --local-port 50443 --user-agent curl --insecure --tlsv1.3 --resolve server.example:443:198.51.100.20 \
    https://server.example/

# Datagrams, one of them in Chinese, and one to a port where nobody listens.
on laptop python3 "$make_directory/datagram_chat.py" say 198.51.100.20 5005 40005 'hello' '你好，世界'
on laptop python3 "$make_directory/datagram_chat.py" shout 198.51.100.20 9 40009 'anybody there?'

# Refused, and cut off in the middle.
on laptop nc -n -z -p 50023 198.51.100.20 23 || true
on laptop python3 "$make_directory/uppercase_client.py" 198.51.100.20 7008 50008 'are you still there?' 2>/dev/null || true

# More than fits into one packet.
on laptop ping -q -c 1 -s 4000 198.51.100.20

# The same neighbour over IPv6.
address laptop eth0 2001:db8::10/64
on laptop rdisc6 -1 -r 1 eth0
on laptop ping -q -c 2 -i 0.2 2001:db8::1

# And through a VLAN.
on laptop ping -q -c 1 203.0.113.1

stop_captures

# ---- comments on the packets worth a stop

# comment FILTER TEXT: on the first packet that matches
comments=()
comment() {
    local number
    number=$(tshark -r "$scratch/tour.pcapng" -Y "$1" -T fields -e frame.number 2>/dev/null | head -n 1)
    [[ -n $number ]] || { echo "no packet for the comment '$2'" >&2; return 1; }
    comments+=(-a "$number:$2")
}
comment 'dhcp' 'No address yet: from 0.0.0.0 to everybody'
comment 'tcp.flags.syn == 1' 'A handshake begins: SYN, then SYN-ACK, then ACK'
comment 'tcp.flags.fin == 1' 'The teardown: each side closes its own direction, FIN and ACK twice'
comment 'tls.handshake.type == 1' 'The name of the server is still readable here'
comment 'icmp.code == 3' 'The answer to a datagram for a port where nobody listens: it quotes the datagram'
comment 'tcp.flags.reset == 1 && tcp.srcport == 23' 'Refused: nobody listens on this port'
comment 'tcp.flags.reset == 1 && tcp.srcport == 7008' 'Reset: the server hung up without a word'
comment 'ip.flags.mf == 1' 'A ping of 4000 bytes does not fit into one packet'
comment 'vlan' 'Four bytes more: the tag of VLAN 10'
reordercap "$scratch/tour.pcapng" "$scratch/ordered.pcapng" >/dev/null
editcap "${comments[@]}" --capture-comment 'A short tour: made by captures/make/tour.sh' "$scratch/ordered.pcapng" "$scratch/tour.pcapng"
publish tour.pcapng
