#!/usr/bin/env bash
# Capture filters, display filters, both, directions, and the snapshot length, while packets come.

source "$(dirname "$0")/common.sh"

neighbours
background bob python3 "$make_directory/datagram_chat.py" listen 192.0.2.2 5005
await_listener bob udp 5005

start bpf bob -i eth0 -f 'icmp[icmptype] == icmp-echo'
start habit bob -i eth0 udp dst port 5005
start both bob -i eth0 -f 'icmp or udp' -Y 'udp.port == 5005' -w "$scratch/both.pcapng"
start shown bob -i eth0 -Y 'ip.src == 192.0.2.2' -T fields -e frame.number -e ip.src -f icmp
start in bob -i eth0 --direction in -f icmp
start out bob -i eth0 --direction out -f icmp
start short bob -i eth0 -s 64 -p -w "$scratch/short.pcapng" -f udp
on alice ping -q -c 5 -i 0.1 192.0.2.2 >/dev/null
on alice python3 "$make_directory/datagram_chat.py" say 192.0.2.2 5005 40005 'hello' "$(printf 'x%.0s' {1..500})" >"$scratch/say.out"
sleep 0.2
for name in bpf habit both shown in out short; do
    stop $name
    expect "$name, exit status" "$status" -eq 0
done
expect '-f, lines' "$(lines "$scratch/bpf.out")" -eq 5
expect '-f, captured' "$(captured bpf)" -eq 5
expect 'capture filter as an expression, captured' "$(captured habit)" -eq "$(lines "$scratch/habit.out")"
expect 'capture filter as an expression, lines' "$(lines "$scratch/habit.out")" -ge 2
expect '-Y and -w, nothing shown' "$(lines "$scratch/both.out")" -eq 0
expect '-Y and -w, captured' "$(captured both)" -ge 14
expect '-Y and -w, matched' "$(awk '/ matched$/ { print $1 }' "$scratch/both.err")" -eq "$(packets "$scratch/both.pcapng")"
expect '-Y and -w, written' "$(tshark -r "$scratch/both.pcapng" -Y 'udp.port == 5005' 2>/dev/null | wc -l)" -eq \
    "$(packets "$scratch/both.pcapng")"
expect '-Y, lines' "$(lines "$scratch/shown.out")" -eq 5
expect '-Y, number of the first' "$(head -n 1 "$scratch/shown.out" | cut -f 1)" -eq 2
expect 'in, requests' "$(grep --count '(ping) request' "$scratch/in.out")" -eq 5
expect 'in, lines' "$(lines "$scratch/in.out")" -eq 5
expect 'out, replies' "$(grep --count '(ping) reply' "$scratch/out.out")" -eq 5
expect 'longest with -s 64' "$(tshark -r "$scratch/short.pcapng" -T fields -e frame.cap_len 2>/dev/null | sort -n | tail -n 1)" -eq 64
expect 'longest on the wire' \
    "$(tshark -r "$scratch/short.pcapng" -T fields -e frame.len 2>/dev/null | sort -n | tail -n 1)" -eq 542
expect 'the filter in the file' "$(capinfos "$scratch/short.pcapng" | grep 'Filter string')" == '*udp*'
done_checking
