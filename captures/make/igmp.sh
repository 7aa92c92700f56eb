#!/usr/bin/env bash
# Makes igmp-v2.pcap and igmp-v3.pcap: a member joins and leaves multicast groups while the switch before it asks who is there:
# first in the older dialects (IGMPv2, MLDv1), then in the newer ones (IGMPv3, MLDv2), there also for one source only.
#
# Use: sudo captures/make/igmp.sh

source "$(dirname "$0")/network.sh"

# dialect IGMP-VERSION MLD-VERSION GROUP...: between hosts of their own, since hosts remember which dialect they have heard
dialect() {
    local igmp=$1 mld=$2 name
    local member=member$igmp switch=switch$igmp
    shift 2
    for name in "$member" "$switch"; do
        host "$name" ipv6
        setting "$name" net.ipv6.conf.default.router_solicitations=0 net.ipv4.conf.default.force_igmp_version="$igmp" \
            net.ipv6.conf.default.force_mld_version="$mld"
    done
    wire "$member" eth0 "$switch" port1
    on "$switch" ip link add bridge0 address 00:00:5e:00:53:99 type bridge mcast_snooping 1 mcast_query_use_ifaddr 1 \
        mcast_igmp_version "$igmp" mcast_mld_version "$mld" mcast_query_response_interval 50 mcast_last_member_interval 20 \
        mcast_startup_query_interval 100 mcast_startup_query_count 1
    on "$switch" ip link set port1 master bridge0
    on "$switch" ip link set bridge0 up
    address "$switch" bridge0 192.0.2.1/24
    address "$member" eth0 192.0.2.10/24
    on "$member" ip route add 224.0.0.0/4 dev eth0
    await_quiet_ipv6 "$member"
    await_quiet_ipv6 "$switch"
    capture "$member" eth0 "igmp-v$igmp.pcap"
    # asks at once
    on "$switch" ip link set bridge0 type bridge mcast_querier 1
    sleep 0.6
    on "$member" python3 "$make_directory/multicast_member.py" eth0 1.2 "$@"
    sleep 1
    finish
}

dialect 2 1 239.1.2.3 ff15::1234
dialect 3 2 239.1.2.3 232.1.1.1@198.51.100.7 ff15::1234 ff35::8000:1@2001:db8::7
