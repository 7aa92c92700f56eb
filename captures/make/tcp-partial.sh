#!/usr/bin/env bash
# Makes captures that do not have all that was sent: the same three connections (lines to a server that answers in capitals, a
# longer text, HTTP; in segments of 200 bytes), of which packets are taken away afterwards.
#
# tcp-late.pcap: the capture has begun when the connections were there already; of one only the end is there.
# tcp-gaps.pcap: segments are missing that the other side has acknowledged: one, several, an acknowledgement, the handshake's second part;
# one in an HTTP answer.
# tcp-one-way.pcap: only what the server has sent.
#
# Use: sudo captures/make/tcp-partial.sh

source "$(dirname "$0")/network.sh"

host client
host server
wire client eth0 server eth0
address client eth0 192.0.2.10/24
address server eth0 192.0.2.80/24
for name in client server; do
    setting $name net.ipv4.tcp_congestion_control=reno
    on $name ip route change 192.0.2.0/24 dev eth0 advmss 212
done

capture client eth0 whole.pcap tcp
background server python3 "$make_directory/uppercase_server.py" 192.0.2.80 7007
await_listener server tcp 7007
on client python3 "$make_directory/uppercase_client.py" 192.0.2.80 7007 50001 'hello, world' 'how are you?' 'goodbye'
await_background
background server python3 "$make_directory/tcp_player.py" serve 192.0.2.80 7007 read=2000 send=400
await_listener server tcp 7007
on client python3 "$make_directory/tcp_player.py" call 192.0.2.80 7007 50002 send=1000 wait=0.1 send=1000 read=all
await_background
background server python3 "$make_directory/http_server.py" 192.0.2.80 80
await_listener server tcp 80
on client curl --silent --local-port 50003 http://192.0.2.80/long/800 --next --silent http://192.0.2.80/ >/dev/null
stop_captures

# number FILTER: of the first such packet
number() {
    tshark -r "$scratch/whole.pcap" -Y "$1" -T fields -e frame.number 2>/dev/null | head -n 1
}

# what these name is taken away: of the first connection its opening, of the second the first half, of the third all but the last page
editcap -F pcap "$scratch/whole.pcap" "$scratch/tcp-late.pcap" "1-$(number 'tcp.stream == 0 && tcp.len > 0')" \
    "$(number 'tcp.stream == 1')-$(number 'tcp.stream == 1 && tcp.seq >= 801 && tcp.len > 0')" \
    "$(number 'tcp.stream == 2')-$(number 'tcp.stream == 2 && http.response && http.content_length == 800')"
editcap -F pcap "$scratch/whole.pcap" "$scratch/tcp-gaps.pcap" \
    "$(number 'tcp.stream == 0 && tcp.flags.syn == 1 && tcp.flags.ack == 1')" "$(number 'tcp.stream == 0 && tcp.srcport == 50001 && tcp.seq > 1 && tcp.len > 0')" \
    "$(number 'tcp.stream == 1 && tcp.srcport == 50002 && tcp.seq == 201')" "$(number 'tcp.stream == 1 && tcp.srcport == 50002 && tcp.seq == 801')" \
    "$(number 'tcp.stream == 1 && tcp.srcport == 7007 && tcp.ack >= 1401')" "$(number 'tcp.stream == 1 && tcp.srcport == 7007 && tcp.len > 0')" \
    "$(number 'tcp.stream == 2 && tcp.srcport == 80 && tcp.seq == 401')"
tshark -r "$scratch/whole.pcap" -Y 'tcp.srcport < 50000' -F pcap -w "$scratch/tcp-one-way.pcap" 2>/dev/null
for name in late gaps one-way; do
    publish "tcp-$name.pcap"
done
