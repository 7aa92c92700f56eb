#!/usr/bin/env bash
# Sessions over the loopback and over a wire: what -w writes is what tcpdump captures beside it, packet by packet.

source "$(dirname "$0")/common.sh"

neighbours

# compare WHAT NAME: $scratch/NAME.pcapng, which sniff wrote, with $scratch/NAME.pcap, which tcpdump did
compare() {
    local what=$1 name=$2 count
    count=$(packets "$scratch/$name.pcap")
    expect "$what, packets" "$(packets "$scratch/$name.pcapng")" -eq "$count"
    expect "$what, capinfos" "$(capinfos -Mrc "$scratch/$name.pcapng" | awk 'NR == 2 { print $NF }')" -eq "$count"
    expect "$what, said" "$(captured "$name")" -eq "$count"
    if ! diff <(contents "$scratch/$name.pcap") <(contents "$scratch/$name.pcapng") >"$scratch/$name.diff"; then
        expect "$what, differences" "$(head -n 5 "$scratch/$name.diff" | cut -c 1-100)" == ''
    fi
}

for interface in lo eth0; do
    server=192.0.2.2
    client=alice
    if [[ $interface == lo ]]; then
        server=127.0.0.1
        client=bob
    fi
    background bob python3 "$make_directory/uppercase_server.py" $server 7007
    await_listener bob tcp 7007
    capture bob $interface echo.pcap tcp
    start echo bob -i $interface -w "$scratch/echo.pcapng" -f tcp
    on $client python3 "$make_directory/uppercase_client.py" $server 7007 50007 'hello' 'how are you?' >/dev/null
    sleep 0.3
    stop echo
    stop_captures
    capture_files=()
    expect "echo over $interface, exit status" "$status" -eq 0
    expect "echo over $interface, handshakes" \
        "$(tshark -r "$scratch/echo.pcapng" -Y 'tcp.flags.syn == 1' 2>/dev/null | wc -l)" -eq 2
    compare "echo over $interface" echo
done

# A web server, and pages of some size.
mkdir "$scratch/pages"
head -c 300000 /dev/urandom >"$scratch/pages/noise"
background bob python3 -m http.server --bind 192.0.2.2 --directory "$scratch/pages" 80
await_listener bob tcp 80
for format in pcapng pcap; do
    capture bob eth0 web.pcap
    start web bob -i eth0 -F $format -w "$scratch/web.pcapng" -P
    for ((count = 0; count < 20; count++)); do
        on alice curl --silent --output "$scratch/got" http://192.0.2.2/noise
        cmp "$scratch/pages/noise" "$scratch/got"
    done
    sleep 0.5
    stop web
    stop_captures
    capture_files=()
    compare "20 pages, $format" web
    expect "20 pages, $format, lines of -P" "$(lines "$scratch/web.out")" -eq "$(captured web)"
    expect "20 pages, $format, dropped" "$(dropped web)" -eq 0
done

# What is written goes into a pipe as well, packet by packet.
on alice "$sniff" -Q -i eth0 -c 10 -U -w - icmp >"$scratch/piped.pcapng" &
background_processes+=($!)
piped=$!
sleep 0.5
on alice ping -q -c 5 -i 0.05 192.0.2.2 >/dev/null
wait "$piped"
unset 'background_processes[-1]'
expect 'into a pipe' "$(packets "$scratch/piped.pcapng")" -eq 10
done_checking
