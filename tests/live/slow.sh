#!/usr/bin/env bash
# Whoever reads what is shown is slow, or the packets come in a flood: the kernel drops none for it.

source "$(dirname "$0")/common.sh"

neighbours
count=15000

# The reader sleeps through the flood.
mkfifo "$scratch/pipe"
(
    sleep 4
    wc -l
) <"$scratch/pipe" >"$scratch/pipe.lines" &
background_processes+=($!)
reader=$!
ip netns exec "$namespace_prefix-bob" "$sniff" -i eth0 -f icmp >"$scratch/pipe" 2>"$scratch/slow.err" &
running[slow]=$!
background_processes+=($!)
await grep --quiet 'capturing on' "$scratch/slow.err"
start write bob -i eth0 -w "$scratch/write.pcapng" -f icmp
start at_once bob -i eth0 -U -F pcap -w "$scratch/at_once.pcap" -f icmp
on alice ping -q -f -c $count -s 1000 192.0.2.2 >"$scratch/ping.log"
for name in write at_once slow; do
    stop $name
    expect "$name, dropped" "$(dropped $name)" -eq 0
    expect "$name, captured" "$(captured $name)" -eq $((2 * count))
done
wait "$reader"
expect 'lines that the reader got' "$(cat "$scratch/pipe.lines")" -eq $((2 * count))
expect 'packets written' "$(capinfos -Mrc "$scratch/write.pcapng" | awk 'NR == 2 { print $NF }')" -eq $((2 * count))
expect 'packets written one by one' "$(capinfos -Mrc "$scratch/at_once.pcap" | awk 'NR == 2 { print $NF }')" -eq $((2 * count))
expect 'files left beside' "$(find "$scratch" -newer "$scratch/ping.log" -name 'sniff*' | wc -l)" -eq 0
done_checking
