#!/usr/bin/env bash
# Makes captures of how TCP connections begin and end in unusual ways.
#
# tcp-openings.pcap: Fast Open: the cookie is asked for, the data in the SYN are accepted, are ignored by a server that does not know of it,
# are lost and come after a SYN without them, are ignored because the cookie is an old one; both sides call at once (simultaneous open);
# a SYN in the midst of a connection.
# tcp-endings.pcap: both close at once; one direction is closed and the other goes on; resets, of either side, with data under way, for
# unread data, for data that come too late; the same ports used again, after a close and after a reset.
# tcp-wrap.pcap and tcp-wrap-receiver.pcap: sequence numbers pass 2^32 in either direction, with a loss there.
# tcp-overlaps.pcap: segments that overlap: what was sent comes again with more, within others, with other content; a hole filled by
# a segment larger than it; data outside of the window; an HTTP request in such pieces.
# tcp-syn-flood.pcap: SYNs from many addresses, and no answer.
#
# Use: sudo captures/make/tcp-endings.sh

source "$(dirname "$0")/network.sh"
source "$(dirname "$0")/tcp_wire.sh"

# both_call BOB_WORDS ALICE_WORDS: both call the other's port at the same time
both_call() {
    # longer than what may lie between their calls
    local bob_words alice_words at wire_delay=50
    read -ra bob_words <<<"$1"
    read -ra alice_words <<<"$2"
    start_wire
    at=$(date --date='now + 1 second' +%s.%N)
    background bob python3 "$make_directory/tcp_player.py" call 192.0.2.1 "$next_port" 7007 "at=$at" "${bob_words[@]}"
    on alice python3 "$make_directory/tcp_player.py" call 192.0.2.2 7007 "$next_port" "at=$at" "${alice_words[@]}"
    await_background
    sleep 0.3
    stop_background
    next_port=$((next_port + 1))
}

capture alice eth0 tcp-openings.pcap tcp
everywhere net.ipv4.tcp_fastopen=3
session 'fast-open read=all' 'fast-open send=32'
session 'fast-open read=all' 'fast-open send=32'
session 'read=all' 'fast-open send=32'
session 'fast-open read=all' 'fast-open send=32' 'left syn lose'
setting bob net.ipv4.tcp_fastopen_key=00000000-00000000-00000000-00000001
session 'fast-open read=all' 'fast-open send=32'
both_call 'half-close read=all' 'half-close read=all'
puppet_session 'read=all' 'syn data=0,32 wait=0.1 sequence=5000 syn wait=0.1 sequence=1000 data=32,32 wait=0.1 fin wait=0.1 ack'
finish

capture alice eth0 tcp-endings.pcap tcp
wire_delay=50
session 'read=32 wait=0.25' 'send=32 wait=0.3'
wire_delay=5
session 'read=all send=64 wait=0.1 send=32' 'send=32 half-close read=all'
session 'read=32 reset' 'send=32 read=all'
session 'read=all' 'mss=212 send=600 reset'
session 'wait=0.1' 'send=32 read=all'
session 'read=32' 'send=32 wait=0.2 send=32 wait=0.1 send=32'
session 'read=32' 'send=32 read=all'
next_port=$((next_port - 1))
session 'read=32 reset' 'send=32 read=all'
next_port=$((next_port - 1))
session 'read=32' 'send=32 read=all'
finish

capture_both tcp-wrap
session 'read=1200 send=100' 'mss=212 sequence=4294966795 send=1200 read=all' 'left data 400 lose'
both_call 'sequence=4294967290 send=32 half-close read=all' 'sequence=4294967295 send=32 half-close read=all'
finish

capture bob eth0 tcp-overlaps.pcap tcp
puppet_session 'read=all' 'syn data=0,64 wait=0.1 data=32,64 wait=0.1 data=16,32 wait=0.1 data=80,32,x wait=0.1 data=0,200 wait=0.1 fin wait=0.1 ack'
puppet_session 'read=all' 'syn data=32,32 data=96,32 data=48,64,x data=16,160 wait=0.1 data=0,16 wait=0.1 stray=100000,32 data=176,1 wait=0.1 fin stray=180,16 wait=0.1 ack'
background bob python3 "$make_directory/http_server.py" 192.0.2.2 7007
request='text=POST_/_HTTP/1.1\r\nHost:_h\r\nConnection:_close\r\nContent-Length:_30\r\n\r\n0123456789abcdefghijklmnopqrst'
puppet_session '' "$request syn data=0,20 data=40,30 wait=0.1 data=30,20 data=10,24 wait=0.1 data=60,20 data=70,27 wait=0.3 ack fin wait=0.1"
puppet_session '' "$request syn data=0,60 data=80,10,x data=75,17 data=60,30 data=90,7 wait=0.3 ack fin wait=0.1"
stop_background
finish

start_wire
on bob nft 'add table ip silent; add chain ip silent input { type filter hook input priority 0; }; add rule ip silent input tcp dport 7007 drop'
capture bob eth0 tcp-syn-flood.pcap tcp
on alice python3 "$make_directory/syn_flood.py" 192.0.2.2 7007 48
sleep 0.2
finish
