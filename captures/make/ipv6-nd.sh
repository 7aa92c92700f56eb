#!/usr/bin/env bash
# Makes ipv6-nd.pcap: a host joins an IPv6 network: its multicast reports, duplicate address detection, router
# solicitation and the answers of radvd, the address that follows from the prefix, neighbour discovery and a ping; then duplicate
# address detection that fails.
#
# Use: sudo captures/make/ipv6-nd.sh

source "$(dirname "$0")/network.sh"

host alice ipv6
host router ipv6
setting router net.ipv6.conf.all.forwarding=1 net.ipv6.conf.default.router_solicitations=0
setting alice net.ipv6.conf.default.use_tempaddr=0 net.ipv6.conf.default.optimistic_dad=0
wire alice eth0 router eth0
on alice ip link set eth0 down
address router eth0 2001:db8::1/64
cat >"$scratch/radvd.conf" <<'CONFIGURATION'
interface eth0 {
    AdvSendAdvert on;
    AdvLinkMTU 1500;
    AdvDefaultPreference high;
    MinRtrAdvInterval 3;
    MaxRtrAdvInterval 4;
    prefix 2001:db8::/64 { };
    route 2001:db8:f::/48 { AdvRoutePreference low; };
    RDNSS 2001:db8::53 { };
    DNSSL example { };
};
CONFIGURATION
capture router eth0 ipv6-nd.pcap
on alice ip link set eth0 up
await no_tentative_address router
background router radvd --nodaemon --config="$scratch/radvd.conf" --pidfile="$scratch/radvd.pid" --logmethod=stderr
await on alice ip -6 route show default
has_address() { on alice ip -6 address show scope global -tentative | grep --quiet 2001:db8; }
await has_address
on alice ping -q -c 1 2001:db8::1
# an address that the router has already
on alice ip address add 2001:db8::1/128 dev eth0
sleep 1.5
on alice ip address delete 2001:db8::1/128 dev eth0
on alice rdisc6 -1 -r 1 eth0
on alice ndisc6 -1 -r 1 2001:db8::1 eth0
finish
