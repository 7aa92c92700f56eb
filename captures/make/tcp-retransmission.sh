#!/usr/bin/env bash
# Makes captures of what TCP does about a wire that loses, delays, reorders and doubles packets: always the same ones (tcp_wire.sh).
# What comes of it looks different from each side, so there are two of most: the one of the sender, and NAME-receiver.pcap.
#
# tcp-fast-retransmission: a segment is lost, and missed in duplicate acknowledgements: with SACK, without it; then three
# segments, with holes between them (SACK with several blocks, over IPv6).
# tcp-timeout (of the sender): the last segment is lost, once, and then twice (the timeout doubles); the last two, and a probe for
# the tail finds out (RFC 8985); then a SYN, a SYN ACK, and a FIN.
# tcp-spurious: the acknowledgements are lost, and then late, so that what has arrived is sent again (D-SACK); without SACK too.
# tcp-reordered: a segment is overtaken by one and by five others (with SACK and without), and segments and acknowledgements come twice.
#
# Use: sudo captures/make/tcp-retransmission.sh

source "$(dirname "$0")/network.sh"
source "$(dirname "$0")/tcp_wire.sh"

# no probes for the tail
everywhere net.ipv4.tcp_early_retrans=0

capture_both tcp-fast-retransmission
session 'read=all' 'mss=212 send=1600' 'left data 400 lose'
everywhere net.ipv4.tcp_sack=0
session 'read=all' 'mss=212 send=1600' 'left data 400 lose'
everywhere net.ipv4.tcp_sack=1
ipv6=yes session 'read=all' 'mss=212 send=1600' 'left data 200 lose' 'left data 600 lose' 'left data 1000 lose'
finish

capture alice eth0 tcp-timeout.pcap tcp
session 'read=800 send=40' 'mss=212 send=800 read=all' 'left data 600 lose'
session 'read=800 send=40' 'mss=212 send=800 read=all' 'left data 600 lose 2'
everywhere net.ipv4.tcp_early_retrans=3
session 'read=800 send=40' 'mss=212 send=800 read=all' 'left data 400 lose' 'left data 600 lose'
everywhere net.ipv4.tcp_early_retrans=0
session 'read=all' 'send=40' 'left syn lose'
session 'read=all' 'send=40' 'right syn lose'
session 'read=all' 'send=40' 'left fin lose'
finish

capture_both tcp-spurious
session 'read=all' 'mss=212 send=800 wait=0.4' 'right ack * lose 4'
session 'read=all' 'mss=212 send=400 wait=0.4' 'right ack 200 late 300' 'right ack 400 late 300'
everywhere net.ipv4.tcp_sack=0
session 'read=all' 'mss=212 send=400 wait=0.4' 'right ack * lose 2'
everywhere net.ipv4.tcp_sack=1
finish

capture_both tcp-reordered
session 'read=all' 'mss=212 send=1200' 'left data 400 overtaken 1'
session 'read=all' 'mss=212 send=1600' 'left data 400 overtaken 5'
session 'read=all' 'mss=212 send=800' 'left data 200 double' 'left data 600 double' 'right ack 400 double'
everywhere net.ipv4.tcp_sack=0
session 'read=all' 'mss=212 send=1600' 'left data 400 overtaken 5' 'left data 1200 double'
everywhere net.ipv4.tcp_sack=1
finish
