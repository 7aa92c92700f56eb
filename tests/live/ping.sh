#!/usr/bin/env bash
# A ping over a wire: its packets are shown at once, while the capture goes on, and each once.

source "$(dirname "$0")/common.sh"

neighbours

start list bob -i eth0 -f icmp
on alice ping -q -c 1 192.0.2.2 >/dev/null
began=$(date +%s%N)
await grep --quiet reply "$scratch/list.out"
expect 'ms until the packets of a ping are in a pipe' $((($(date +%s%N) - began) / 1000000)) -le 200
on alice ping -q -c 4 -i 0.1 192.0.2.2 >/dev/null
stop list
expect 'exit status' "$status" -eq 0
expect 'lines' "$(lines "$scratch/list.out")" -eq 10
expect 'requests' "$(grep --count '(ping) request' "$scratch/list.out")" -eq 5
expect 'said' "$(captured list)" -eq 10
expect 'dropped' "$(dropped list)" -eq 0

# By index, by name, and all interfaces at once; without -i it is the wire and not the loopback.
index=$(on bob cat /sys/class/net/eth0/ifindex)
for interface in "$index" any ''; do
    start list bob ${interface:+-i "$interface"} -c 4 -f icmp
    on alice ping -q -c 2 -i 0.1 192.0.2.2 >/dev/null
    ended list
    expect "lines with -i '$interface'" "$(lines "$scratch/list.out")" -eq 4
done
expect 'without -i' "$(head -n 2 "$scratch/list.err")" == '*capturing on eth0 *'
expect 'in the table' "$("$sniff" -D | awk '$2 == "lo" { print $1 }')" == 1
expect 'the same table' "$(on bob "$sniff" interfaces | grep --count '192.0.2.2/24')" -eq 1
done_checking
