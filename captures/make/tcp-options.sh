#!/usr/bin/env bash
# Makes tcp-options.pcap: TCP beyond the ordinary: Fast Open (the cookie asked for, then data in the SYN), segments signed with
# MD5, explicit congestion notification (agreed upon; then packets are marked), urgent data, keep-alive; without
# timestamps, without selective acknowledgements and window scaling. And tcp-loss.pcap: a transfer on which a few packets are lost
# (selective acknowledgements, retransmissions), and one to a reader who does not read (window full, probes, window update). And
# mptcp.pcapng: one connection on two paths.
#
# Use: sudo captures/make/tcp-options.sh

source "$(dirname "$0")/network.sh"

host alice
host bob
wire alice eth0 bob eth0
wire alice eth1 bob eth1
address alice eth0 192.0.2.1/24
address bob eth0 192.0.2.2/24
address alice eth1 198.51.100.1/24
address bob eth1 198.51.100.2/24
next_port=50000

# session FEATURE [BYTES]
session() {
    next_port=$((next_port + 1))
    background bob python3 "$make_directory/tcp_features.py" serve "$1" 192.0.2.2 7007 192.0.2.1
    await_listener bob tcp 7007
    on alice python3 "$make_directory/tcp_features.py" call "$1" 192.0.2.2 7007 $next_port "${@:2}"
    await_background
}

# firewall HOST input|output RULE
firewall() {
    on "$1" nft "add table ip test; add chain ip test $2 { type filter hook $2 priority -150; }; add rule ip test $2 $3"
}

for name in alice bob; do
    setting $name net.ipv4.tcp_fastopen=3
done

capture alice eth0 tcp-options.pcap
session fast-open
session fast-open 100
session signed
session urgent
session keep-alive
for name in alice bob; do
    setting $name net.ipv4.tcp_ecn=1
done
# as a congested router would
firewall alice output 'ip length > 1000 numgen inc mod 3 == 1 ip ecn set ce'
session plain 9000
on alice nft delete table ip test
for name in alice bob; do
    setting $name net.ipv4.tcp_ecn=0 net.ipv4.tcp_timestamps=0 net.ipv4.tcp_sack=0 net.ipv4.tcp_window_scaling=0
done
session plain
finish

for name in alice bob; do
    setting $name net.ipv4.tcp_timestamps=1 net.ipv4.tcp_sack=1 net.ipv4.tcp_window_scaling=1
done
capture alice eth0 tcp-loss.pcap
# every seventh long packet
firewall bob input 'ip length > 1000 numgen inc mod 7 == 4 drop'
session plain 40000
on bob nft delete table ip test
session slow-reader 12000
finish

for name in alice bob; do
    setting $name net.mptcp.enabled=1
    on $name ip mptcp limits set subflows 2 add_addr_accepted 2
done
on bob ip mptcp endpoint add 198.51.100.2 dev eth1 signal
on alice ip mptcp endpoint add 198.51.100.1 dev eth1 subflow
# -i any would say more, but then the link layer is another
capture_pcapng alice mptcp.pcapng -i eth0 -i eth1 -f 'tcp or arp'
session multipath 20000
stop_captures
reordercap "$scratch/mptcp.pcapng" "$scratch/ordered.pcapng" >/dev/null
mv "$scratch/ordered.pcapng" "$scratch/mptcp.pcapng"
finish
