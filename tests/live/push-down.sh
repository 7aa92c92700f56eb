#!/usr/bin/env bash
# What the kernel rejects for a display filter changes nothing that is shown: tags, fragments, tunnels and what error messages quote
# come through. Captures are sent over a wire and captured with and without the kernel's part.

source "$(dirname "$0")/common.sh"

captures=$(dirname "$make_directory")
host alice
host bob
wire alice eth0 bob eth0
on alice ip link set eth0 mtu 9000
on bob ip link set eth0 mtu 9000

# replay HOST INTERFACE CAPTURE...: sends the frames of Ethernet captures as they are
replay() {
    local name=$1
    shift
    on "$name" python3 - "$@" <<'PYTHON'
import socket, struct, sys, time

with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as wire:
    wire.bind((sys.argv[1], 0))
    for name in sys.argv[2:]:
        with open(name, "rb") as file:
            data = file.read()
        order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
        at = 24
        while at < len(data):
            length = struct.unpack(order + "I", data[at + 8 : at + 12])[0]
            at += 16 + length
            wire.send(data[at - length : at])
            time.sleep(0.0005)
PYTHON
}

declare -A filters=(
    [tagged]='tcp.port == 7007'
    [inside]='ip.addr == 198.51.100.0/24'
    [one-way]='ip.src == 192.0.2.1 and tcp.flags.syn == 1'
    [noise]='not tcp.port == 80 and not arp'
    [quoted]='udp.dstport == 40009 or udp.port == 9'
    [whole]='udp.port == 7008'
    [errors]='icmp.type == 3 or icmpv6.type == 3'
    [version-6]='ipv6.addr == 2001:db8::/32 and udp'
)
for name in "${!filters[@]}"; do
    for when in auto never; do
        start "$name-$when" bob -i eth0 -Y "${filters[$name]}" --push-down $when -w "$scratch/$name-$when.pcapng"
    done
done
for when in auto never; do
    start "any-$when" bob -i any -Y 'tcp.port == 7007' --push-down $when -w "$scratch/any-$when.pcapng"
    start "fields-$when" bob -i eth0 -Y 'tcp.dstport == 80 and http' --push-down $when -T fields \
        -e ip.src -e tcp.seq -e http.request.uri
done
start numbered bob -i eth0 -Y 'tcp.dstport == 80' -T fields -e frame.number
start counted bob -i eth0 -Y 'tcp.dstport == 80' --push-down always -T fields -e frame.number
start both bob -i eth0 -f 'tcp or icmp' -Y 'tcp.port == 80' -w "$scratch/both.pcapng"

# The kernel shows the programs of its sockets.
on bob ss --packet --bpf >"$scratch/sockets"
replay alice eth0 "$captures"/{vlan,tunnels,fragments,fragments-ipv6,refused,traceroute,ping-fragmented,dns,udp-chat,http}.pcap
sleep 0.5

for name in "${!running[@]}"; do
    stop "$name"
    expect "$name, exit status" "$status" -eq 0
    expect "$name, dropped" "$(dropped "$name")" -eq 0
done
expect 'programs in the kernel' "$(grep --count 'bpf filter' "$scratch/sockets")" -eq 12
for name in "${!filters[@]}" any; do
    for when in auto never; do
        contents "$scratch/$name-$when.pcapng" >"$scratch/$name-$when"
    done
    expect "$name, packets" "$(lines "$scratch/$name-never")" -ge 2
    expect "$name, differences" "$(diff "$scratch/$name-auto" "$scratch/$name-never" | head -n 5 | cut -c 1-100)" == ''
    expect "$name, told" "$(grep --count 'the kernel rejects' "$scratch/$name-auto.err")" -eq 1
    expect "$name, captured" "$(captured "$name-auto")" -le "$(($(captured "$name-never") - 30))"
done
expect 'fields, lines' "$(lines "$scratch/fields-never.out")" -ge 7
expect 'fields, differences' "$(diff "$scratch/fields-auto.out" "$scratch/fields-never.out" | head -n 5)" == ''
expect 'fields, captured' "$(captured fields-auto)" -le "$(($(captured fields-never) - 30))"
expect 'numbers count all packets' "$(tail -n 1 "$scratch/numbered.out")" -ge "$(($(captured noise-never) - 20))"
expect 'or those that are left' "$(tail -n 1 "$scratch/counted.out")" -eq "$(captured counted)"
expect 'and those are fewer' "$(captured counted)" -le "$(($(captured numbered) - 30))"
expect 'nothing is told where nothing is pushed' "$(grep --count 'the kernel rejects' "$scratch/numbered.err" || true)" -eq 0
expect 'with -f, in the file' "$(capinfos "$scratch/both.pcapng" | grep 'Filter string')" == '*tcp port 80*(tcp or icmp)*'
done_checking
