#!/usr/bin/env bash
# How captures end: by signals, on idle links; by conditions; because the interface goes away; with everything kept.

source "$(dirname "$0")/common.sh"

host alice
host bob
wire alice eth0 bob eth0
wire alice eth1 bob eth1
address alice eth0 192.0.2.1/24
address bob eth0 192.0.2.2/24
address alice eth1 198.51.100.1/24
address bob eth1 198.51.100.2/24

for signal in INT TERM INT; do
    for interface in eth0 lo; do
        start idle bob -i $interface -w "$scratch/idle.pcapng"
        sleep 0.3
        stop idle $signal
        expect "SIG$signal on idle $interface, ms until the end" "$milliseconds" -le 200
        expect 'exit status' "$status" -eq 0
        expect 'said' "$(captured idle)" -eq 0
        expect 'an empty file' "$(packets "$scratch/idle.pcapng")" -eq 0
    done
done

# A signal right after the packets: they are kept.
for ((round = 1; round <= 5; round++)); do
    start last bob -i eth0 -w "$scratch/last.pcapng" -f icmp
    on alice ping -q -c 2 -i 0.01 192.0.2.2 >/dev/null
    stop last
    expect "packets just before a signal, round $round" "$(packets "$scratch/last.pcapng")" -eq 4
done

# A second signal, while what is shown cannot be: nobody reads the pipe.
mkfifo "$scratch/stuck"
# shellcheck disable=SC2217  # that it does not read is the point
sleep 60 <"$scratch/stuck" &
background_processes+=($!)
ip netns exec "$namespace_prefix-bob" "$sniff" -i eth0 -V >"$scratch/stuck" 2>"$scratch/stuck.err" &
running[stuck]=$!
background_processes+=($!)
await grep --quiet 'capturing on' "$scratch/stuck.err"
on alice ping -q -f -c 300 192.0.2.2 >/dev/null
sleep 0.3
kill -INT "${running[stuck]}"
sleep 0.3
stop stuck
expect 'exit status of a second signal' "$status" -eq 130
expect 'ms until the end' "$milliseconds" -le 200
stop_background

# The reader goes away: that is noticed although nothing more comes.
mkfifo "$scratch/left"
head -n 1 <"$scratch/left" >"$scratch/left.lines" &
background_processes+=($!)
ip netns exec "$namespace_prefix-bob" "$sniff" -i eth0 -f icmp >"$scratch/left" 2>"$scratch/left.err" &
running[left]=$!
background_processes+=($!)
await grep --quiet 'capturing on' "$scratch/left.err"
on alice ping -q -c 1 192.0.2.2 >/dev/null
began=$(date +%s%N)
ended left
expect 'exit status without a reader' "$status" -eq 0
expect 'ms until the end' $((($(date +%s%N) - began) / 1000000)) -le 1000
stop_background

# Conditions.
began=$(date +%s%N)
start time bob -i lo -a duration:0.5
ended time
expect 'ms until -a duration:0.5 ends' $((($(date +%s%N) - began) / 1000000)) -ge 500
expect 'exit status' "$status" -eq 0
for option in '-c 3' '-a packets:3' '--max-matches 3'; do
    # shellcheck disable=SC2086  # two words
    start few bob -i eth0 $option -w "$scratch/few.pcapng" -f icmp
    on alice ping -q -c 4 -i 0.02 192.0.2.2 >/dev/null
    ended few
    expect "packets with $option" "$(packets "$scratch/few.pcapng")" -eq 3
done
start size bob -i eth0 -a filesize:5 -w "$scratch/size.pcapng" -f icmp
on alice ping -q -f -c 100 192.0.2.2 >/dev/null
ended size
expect 'bytes with -a filesize:5, at least' "$(stat --format=%s "$scratch/size.pcapng")" -ge 5000
expect 'bytes with -a filesize:5, at most' "$(stat --format=%s "$scratch/size.pcapng")" -le 5300

# The interface is taken down and up again: the capture goes on. It is deleted: what came before is kept.
start gone bob -i eth1 -w "$scratch/gone.pcapng" -P -f icmp
on alice ping -q -c 3 -i 0.02 198.51.100.2 >/dev/null
on bob ip link set eth1 down
sleep 0.3
on bob ip link set eth1 up
await on alice ping -q -c 1 -W 1 198.51.100.2
sleep 0.2
on bob ip link delete eth1
ended gone
expect 'exit status of an interface that goes away' "$status" -eq 1
expect 'said' "$(tail -n 1 "$scratch/gone.err")" == 'sniff: eth1: *kept'
expect 'kept' "$(packets "$scratch/gone.pcapng")" -ge 8
expect 'shown' "$(lines "$scratch/gone.out")" -eq "$(packets "$scratch/gone.pcapng")"
done_checking
