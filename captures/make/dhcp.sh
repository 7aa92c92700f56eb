#!/usr/bin/env bash
# Makes dhcp.pcap: udhcpc and dnsmasq: discover, offer, request, acknowledgement; the lease is renewed, then released. Then
# dhclient asks for an address that it remembers from another network, is refused, and begins again.
#
# Use: sudo captures/make/dhcp.sh

source "$(dirname "$0")/network.sh"

host client
host server
wire client eth0 server eth0
address server eth0 192.0.2.1/24
background server dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --no-ping --user=root --pid-file= \
    --interface=eth0 --bind-interfaces --dhcp-leasefile="$scratch/leases" --dhcp-range=192.0.2.10,192.0.2.20,1h --dhcp-authoritative \
    --dhcp-option=option:router,192.0.2.1 --dhcp-option=option:dns-server,192.0.2.53,198.51.100.53 \
    --dhcp-option=option:domain-name,example --dhcp-option=option:ntp-server,192.0.2.123 \
    --dhcp-option=option:classless-static-route,198.51.100.0/24,192.0.2.2,0.0.0.0/0,192.0.2.1
await_listener server udp 67
cat >"$scratch/lease" <<'SCRIPT'
#!/bin/sh
case $1 in
bound) ip address add "$ip/24" dev "$interface" ;;
deconfig) ip address flush dev "$interface" ;;
esac
echo "$1" >>"$events"
SCRIPT
chmod +x "$scratch/lease"
export events=$scratch/events
capture server eth0 dhcp.pcap
background client udhcpc --foreground --interface=eth0 --script="$scratch/lease" -x hostname:client -O ntpsrv -O staticroutes
await grep --quiet bound "$events"
sleep 0.5
kill -USR1 "${background_processes[-1]}"
await grep --quiet renew "$events"
sleep 0.5
kill -USR2 "${background_processes[-1]}"
sleep 0.5
stop_background
# remembers an address of another network
cat >"$scratch/dhclient.leases" <<'LEASE'
lease {
  interface "eth0";
  fixed-address 198.51.100.77;
  option subnet-mask 255.255.255.0;
  option dhcp-lease-time 3600;
  expire never;
}
LEASE
background client dhclient -d -1 -lf "$scratch/dhclient.leases" -pf "$scratch/dhclient.pid" -cf /dev/null -sf /bin/true eth0
await grep --quiet 192.0.2 "$scratch/dhclient.leases"
finish
