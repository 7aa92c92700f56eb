#!/usr/bin/env bash
# Makes vlan.pcap: a ping and a TCP exchange in VLAN 10 (802.1Q, priority 5), then the same in VLAN 10 inside the service
# VLAN 100 of a provider (802.1ad, "QinQ"). The tags are put on by vlan_tagger.py, all inside them by the kernel.
#
# Use: sudo captures/make/vlan.sh

source "$(dirname "$0")/network.sh"

host alice
host bob
wire alice eth0 bob eth0

# vlan NAME ALICE'S ADDRESS BOB'S ADDRESS TAG...
vlan() {
    local name=$1 alice=$2 bob=$3
    shift 3
    background alice python3 "$make_directory/vlan_tagger.py" eth0 "$name" "$@"
    background bob python3 "$make_directory/vlan_tagger.py" eth0 "$name" "$@"
    await on alice ip link show "$name"
    await on bob ip link show "$name"
    # shorter by two tags, so that eth0 can carry them
    on alice ip link set "$name" mtu 1492
    on bob ip link set "$name" mtu 1492
    prepare alice "$name"
    prepare bob "$name"
    address alice "$name" "$alice/24"
    address bob "$name" "$bob/24"
}

exchange() {
    on alice ping -q -c 2 -i 0.2 "$1"
    background bob python3 "$make_directory/uppercase_server.py" "$1" 7007
    await_listener bob tcp 7007
    on alice python3 "$make_directory/uppercase_client.py" "$1" 7007 50007 'tagged once' 'and again'
    await_background
}

vlan eth0.10 192.0.2.1 192.0.2.2 8100:10:5
vlan eth0.100.10 198.51.100.1 198.51.100.2 88a8:100 8100:10
capture alice eth0 vlan.pcap
exchange 192.0.2.2
exchange 198.51.100.2
finish
