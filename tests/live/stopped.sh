#!/usr/bin/env bash
# Nobody takes what is shown while packets come in a flood: they are written into the file all the same, the kernel drops none, what was
# not shown is counted, and a signal ends it.

source "$(dirname "$0")/common.sh"

neighbours
count=15000

# stuck NAME DESCRIPTORS OPTION...: captures with sniff on bob; its DESCRIPTORS, 1 or 12, are a terminal that nobody reads
stuck() {
    local name=$1 descriptors=$2
    shift 2
    ip netns exec "$namespace_prefix-bob" python3 -c '
import os, pty, sys, time
outside, inside = pty.openpty()
capturing = os.getpid()
if os.fork() == 0:
    os.close(inside)
    while os.getppid() == capturing:
        time.sleep(0.1)
    os._exit(0)
os.close(outside)
for descriptor in sys.argv[1]:
    os.dup2(inside, int(descriptor))
os.execv(sys.argv[2], sys.argv[2:])
' "$descriptors" "$sniff" "$@" 2>"$scratch/$name.err" &
    running[$name]=$!
    background_processes+=($!)
}

# unshown NAME: how many packets sniff says it did not show
unshown() {
    awk '/ not shown: / { print $1 }' "$scratch/$1.err"
}

stuck list 1 -i eth0 -f icmp
await grep --quiet 'capturing on' "$scratch/list.err"
stuck tree 1 -i eth0 -V -P -w "$scratch/tree.pcapng" -f icmp
await grep --quiet 'capturing on' "$scratch/tree.err"
mkfifo "$scratch/pipe"
# shellcheck disable=SC2217  # that it does not read is the point
sleep 60 <"$scratch/pipe" &
background_processes+=($!)
ip netns exec "$namespace_prefix-bob" "$sniff" -i eth0 -V -P -w "$scratch/pipe.pcapng" -f icmp \
    >"$scratch/pipe" 2>"$scratch/pipe.err" &
running[pipe]=$!
background_processes+=($!)
await grep --quiet 'capturing on' "$scratch/pipe.err"
stuck mute 12 -i eth0 -P -w "$scratch/mute.pcapng" -f icmp
await test -s "$scratch/mute.pcapng"
on alice ping -q -f -c $count -s 1000 192.0.2.2 >"$scratch/ping.log"
# Skipping is as fast as dissecting: the file is not behind for long.
sleep 1
for name in list tree pipe mute; do
    stop $name
    expect "$name, exit status" "$status" -eq 0
    case $name in
        list | tree) expect "$name, ms until the end" "$milliseconds" -le 400 ;;
        # A second passes until it is clear that nothing can be said.
        mute) expect "$name, ms until the end" "$milliseconds" -le 1700 ;;
        # A pipe is given time.
        pipe) expect "$name, ms until the end" "$milliseconds" -le 7000 ;;
    esac
    if [[ $name != mute ]]; then
        expect "$name, dropped" "$(dropped $name)" -eq 0
        expect "$name, captured" "$(captured $name)" -eq $((2 * count))
        expect "$name, not shown, at least" "$(unshown $name)" -ge $((count / 10))
        expect "$name, not shown, at most" "$(unshown $name)" -le $((2 * count))
    fi
    if [[ $name != list ]]; then
        expect "$name, packets written" "$(packets "$scratch/$name.pcapng")" -eq $((2 * count))
    fi
done
done_checking
