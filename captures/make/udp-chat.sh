#!/usr/bin/env bash
# Makes udp-chat.pcap: two peers send each other datagrams: words, an empty one, Chinese, and one as long as fits.
#
# Use: sudo captures/make/udp-chat.sh

source "$(dirname "$0")/network.sh"

host alice
host bob
wire alice eth0 bob eth0
address alice eth0 192.0.2.1/24
address bob eth0 192.0.2.2/24
background bob python3 "$make_directory/datagram_chat.py" listen 192.0.2.2 5005
await_listener bob udp 5005
capture alice eth0 udp-chat.pcap
on alice python3 "$make_directory/datagram_chat.py" say 192.0.2.2 5005 40005 'hello' '' '你好，世界' \
    "$(printf 'the longest that fits %.0s' {1..67} | head -c 1472)"
finish
