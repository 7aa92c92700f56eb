#!/usr/bin/env bash
# Makes arp.pcap: who has, and is at; a question that nobody answers; a probe and its answer (duplicate address detection,
# RFC 5227); announcements of one's own address, as request and as answer.
#
# Use: sudo captures/make/arp.sh

source "$(dirname "$0")/network.sh"

host alice
host bob
wire alice eth0 bob eth0
address alice eth0 192.0.2.1/24
address bob eth0 192.0.2.2/24
capture alice eth0 arp.pcap
on alice arping -c 2 -I eth0 192.0.2.2
on alice arping -c 1 -w 1 -I eth0 192.0.2.99 || true
# a probe comes from 0.0.0.0: free, then taken
on alice arping -D -c 1 -w 1 -I eth0 192.0.2.3
on alice arping -D -c 1 -w 1 -I eth0 192.0.2.2 || true
on bob arping -U -c 1 -I eth0 192.0.2.2
on bob arping -A -c 1 -I eth0 192.0.2.2
finish
