#!/usr/bin/env bash
# Makes fragments.pcap and fragments-ipv6.pcap: datagrams in fragments as they should not be, each with its own identification, made by
# hand (fragment_sender.py) and sent to a kernel, which answers those that it accepts and tells which ones it waits for in vain:
#
#     1 in order             4 one of them twice           7 overlap, of equal content       10 two last ones
#     2 backwards            5 two datagrams interleaved   8 overlap, of other content       11 one after the end
#     3 the middle at last   6 the second one is lost      9 one inside another (teardrop)   12 the length is no multiple of eight
#
# then 13 a UDP datagram whose first fragment is its header, to a port where nobody listens, 14 a TCP header in two fragments, 15 the
# same identification used again for another datagram, 16 the last one once more when all is there, 17 the end beyond what a
# datagram can be ("ping of death"), and for IPv6 18 a fragment that is all of it and 19 fragments behind destination options.
#
# Use: sudo captures/make/fragments.sh

source "$(dirname "$0")/network.sh"

for name in alice bob; do
    host $name ipv6
    # fragments are waited for so many seconds
    setting $name net.ipv6.conf.default.router_solicitations=0 net.ipv6.conf.default.addr_gen_mode=1 \
        net.ipv4.ipfrag_time=1 net.ipv6.ip6frag_time=1 net.ipv4.icmp_ratelimit=0
done
wire alice eth0 bob eth0
address alice eth0 192.0.2.1/24 2001:db8::1/64
address bob eth0 192.0.2.2/24 2001:db8::2/64
mac_of_bob=$(on bob cat /sys/class/net/eth0/address)
for peer in 192.0.2.1 2001:db8::1; do
    on bob ip neighbour add $peer lladdr "$(on alice cat /sys/class/net/eth0/address)" dev eth0
done

# fragments ID WHAT PIECE...
fragments() {
    on alice python3 "$make_directory/fragment_sender.py" eth0 "$mac_of_bob" "$own" "$peer" "$@"
    # so that the answer comes first
    sleep 0.05
}

# from $own to $peer
all_kinds() {
    fragments 1 ping=120 0-48 48-96 96-
    fragments 2 ping=120 96- 48-96 0-48
    fragments 3 ping=120 0-48 96- 48-96
    fragments 4 ping=120 0-48 48-96 48-96 96-
    fragments 0x5a ping=80 0-48
    fragments 0x5b ping=80 0-48
    fragments 0x5a ping=80 48-
    fragments 0x5b ping=80 48-
    fragments 6 ping=120 0-48 96-
    fragments 7 ping=120 0-48 40-96 96-
    fragments 8 ping=120 0-48 40-96=x8 96-
    fragments 9 ping=120 0-96 24-48=x 96-
    fragments 10 ping=120 48- 48-96. 0-48
    fragments 11 ping=120 48- 136-160+ 0-48
    fragments 12 ping=120 0-50+ 48-
    fragments 13 udp=7007,80 0-8 8-48 48-
    fragments 14 syn=7007 0-8 8-
    fragments 15 ping=60 0-48 48-
    fragments 15 udp=7008,60 48- 0-48
    fragments 16 ping=60 0-48 48- 48-
    fragments 17 ping=60 0-48 65528-65544.
}

capture alice eth0 fragments.pcap ip
own=192.0.2.1 peer=192.0.2.2
all_kinds
sleep 2
finish

capture alice eth0 fragments-ipv6.pcap ip6
own=2001:db8::1 peer=2001:db8::2
all_kinds
fragments 18 ping=40 0-
fragments 19 options ping=80 0-48 48-
sleep 2
finish
