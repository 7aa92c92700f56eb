#!/usr/bin/env bash
# Makes sll.pcap and sll2.pcap: all interfaces of a host at once (tcpdump -i any), in both versions of the Linux "cooked"
# header, the second with nanoseconds: a ping and a TCP session on eth0, a ping on lo.
#
# Use: sudo captures/make/any.sh

source "$(dirname "$0")/network.sh"

host alice
host bob
wire alice eth0 bob eth0
address alice eth0 192.0.2.1/24
address bob eth0 192.0.2.2/24
background bob python3 "$make_directory/uppercase_server.py" 192.0.2.2 7007
await_listener bob tcp 7007
capture alice any sll.pcap --linktype=LINUX_SLL
capture alice any sll2.pcap --linktype=LINUX_SLL2 --time-stamp-precision=nano
on alice ping -q -c 1 192.0.2.2
on alice python3 "$make_directory/uppercase_client.py" 192.0.2.2 7007 50007 'on any interface'
on alice ping -q -c 1 127.0.0.1
finish
