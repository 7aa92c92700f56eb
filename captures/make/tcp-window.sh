#!/usr/bin/env bash
# Makes tcp-window.pcap: the sender fills the small buffer of a reader who does not read (window full, zero window), asks again and
# again whether it may go on, as Linux does, without data, and may in the end (window update); the same over IPv6, with a reader
# who takes a little at a time and then goes away for good: what he has not read turns the close into a reset. At last a sender
# who asks as other systems do, with the next byte (zero window probes).
# And tcp-keep-alive.pcap: a silent connection is asked whether it still lives, and answers; both ask at the same time;
# nobody answers any more, and the connection is given up; it is asked with a byte that was sent long ago, as some systems do.
#
# Use: sudo captures/make/tcp-window.sh

source "$(dirname "$0")/network.sh"
source "$(dirname "$0")/tcp_wire.sh"

capture alice eth0 tcp-window.pcap tcp
session 'receive-buffer=2304 wait=1.2 read=all' 'mss=512 send=4000'
ipv6=yes session 'receive-buffer=2304 wait=0.5 read=1200 wait=0.5 read=400 wait=0.3' 'mss=512 send=6000 wait=0.5'
puppet_session 'receive-buffer=2304 wait=1.2 read=all' \
    'syn fill=600 wait=0.1 data=+,1 wait=0.2 data=+,1 wait=0.9 data=+,1 wait=0.1 data=+,100 wait=0.1 fin wait=0.1 ack'
finish

capture alice eth0 tcp-keep-alive.pcap tcp
session 'read=100 wait=2.5' 'keep-alive=1,3 send=100 read=all'
session 'keep-alive=1,3 wait=2.5' 'keep-alive=1,3 read=all'
session 'read=50 wait=4' 'keep-alive=1,2 send=50 read=all' 'left ack 0 lose 2-9'
puppet_session 'read=all' 'syn data=0,50 wait=0.1 probe=49 wait=0.1 data=49,1,- wait=0.1 fin wait=0.1 ack'
finish
