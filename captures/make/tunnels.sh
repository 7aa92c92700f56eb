#!/usr/bin/env bash
# Makes tunnels.pcap: pings inside IP in IP, IPv6 in IPv4 (6in4), IPv4 and IPv6 in GRE, IPv4 in IPv6, and VXLAN; and
# raw.pcap: the inside of the first of them, packets without a link layer; and two-links.pcapng: inside and outside of another,
# two interfaces with different link types in one file.
#
# VXLAN is the kernel's own. The other tunnels are made by socat, between a TUN device and a raw socket: kernels without the
# modules ipip, sit and gre can do that too. (The four bytes that TUN puts before each packet if asked are, by
# a happy accident, just what GRE wants: two of zero, two of EtherType.)
#
# Use: sudo captures/make/tunnels.sh

source "$(dirname "$0")/network.sh"

for name in alice bob; do
    host $name ipv6
    setting $name net.ipv6.conf.default.router_solicitations=0
done
wire alice eth0 bob eth0
address alice eth0 192.0.2.1/24 2001:db8::1/64
address bob eth0 192.0.2.2/24 2001:db8::2/64

# tunnel NAME OPTIONS OUTSIDE: OUTSIDE is an address of socat, with PEER for the other's address
tunnel() {
    local name=$1 options=$2 outside=$3
    background alice socat "TUN,tun-name=$name,iff-up$options" "${outside//PEER/2}"
    background bob socat "TUN,tun-name=$name,iff-up$options" "${outside//PEER/1}"
    for host in alice bob; do
        await on $host ip link show "$name"
        # no reports and solicitations inside
        on $host ip link set "$name" multicast off mtu 1400
    done
}
for name in alice bob; do
    # no link-local addresses but that of eth0
    setting $name net.ipv6.conf.default.addr_gen_mode=1
done
tunnel ipip0 ,iff-no-pi IP4-DATAGRAM:192.0.2.PEER:4
tunnel sixin4 ,iff-no-pi IP4-DATAGRAM:192.0.2.PEER:41
tunnel gre1 '' IP4-DATAGRAM:192.0.2.PEER:47
tunnel fourin6 ,iff-no-pi 'IP6-DATAGRAM:[2001:db8::PEER]:4'

# inside NAME OWN PEER: addresses by the last number of each
inside() {
    local name=$1 own=$2 peer=$3
    address "$name" ipip0 "198.51.100.$own/28"
    address "$name" sixin4 "2001:db8:41::$own/64"
    address "$name" gre1 "198.51.100.$((16 + own))/28" "2001:db8:47::$own/64"
    address "$name" fourin6 "198.51.100.$((32 + own))/28"
    on "$name" ip link add vxlan42 address "00:00:5e:00:53:4$own" type vxlan id 42 dev eth0 local "192.0.2.$own" remote "192.0.2.$peer" \
        srcport 50000 50001 dstport 4789 udpcsum
    on "$name" ip link set vxlan42 addrgenmode none up
    address "$name" vxlan42 "203.0.113.$own/24"
}
inside alice 1 2
inside bob 2 1
await_quiet_ipv6 alice
await_quiet_ipv6 bob

capture alice eth0 tunnels.pcap
capture alice ipip0 raw.pcap
on alice ping -q -c 2 -i 0.2 198.51.100.2
on alice ping -q -c 2 -i 0.2 2001:db8:41::2
on alice ping -q -c 2 -i 0.2 198.51.100.18
on alice ping -q -c 2 -i 0.2 2001:db8:47::2
on alice ping -q -c 2 -i 0.2 198.51.100.34
on alice ping -q -c 2 -i 0.2 203.0.113.2
background bob python3 "$make_directory/uppercase_server.py" 198.51.100.2 7007
await_listener bob tcp 7007
on alice python3 "$make_directory/uppercase_client.py" 198.51.100.2 7007 50007 'through a tunnel'
finish

capture_pcapng alice two-links.pcapng -i eth0 -i ipip0 --capture-comment 'The outside and the inside of a tunnel'
on alice ping -q -c 2 -i 0.2 198.51.100.2
stop_captures
reordercap "$scratch/two-links.pcapng" "$scratch/ordered.pcapng" >/dev/null
editcap -a '1:On the wire: IP in IP, or the same packet inside, without a link layer' "$scratch/ordered.pcapng" "$scratch/two-links.pcapng"
finish
