# shellcheck shell=bash
# The common part of the checks beside it: captures with sniff on interfaces of network namespaces that are made for the purpose.
# Sourced, as root, never run alone; the checks are run by .ci/run, one by one:
#
#     SNIFF=target/release/sniff tests/live/ping.sh
#
# Hosts, wires and waiting are those of captures/make/network.sh. A check says what it saw, and fails on what it did not expect.

source "$(dirname "${BASH_SOURCE[0]}")/../../captures/make/network.sh"

sniff=$(realpath "${SNIFF:?names the program to check}")
declare -A running=()
failures=0

# start NAME HOST OPTION...: captures with sniff there, once it says so; standard output and error are $scratch/NAME.out and .err
start() {
    local name=$1 host=$2
    shift 2
    rm -f "$scratch/$name.out" "$scratch/$name.err"
    ip netns exec "$namespace_prefix-$host" "$sniff" "$@" >"$scratch/$name.out" 2>"$scratch/$name.err" &
    running[$name]=$!
    background_processes+=($!)
    await grep --quiet 'capturing on' "$scratch/$name.err"
}

# stop NAME [SIGNAL]: sends the signal, INT if none is named, and waits for the end, as ended does
# shellcheck disable=SC2034  # milliseconds is for the checks
stop() {
    local began
    began=$(date +%s%N)
    kill "-${2:-INT}" "${running[$1]}"
    ended "$1"
    milliseconds=$((($(date +%s%N) - began) / 1000000))
}

# ended NAME: waits for the end, and leaves the exit status in $status
ended() {
    local index
    status=0
    wait "${running[$1]}" || status=$?
    for index in "${!background_processes[@]}"; do
        if [[ ${background_processes[index]} == "${running[$1]}" ]]; then
            unset "background_processes[index]"
        fi
    done
    background_processes=("${background_processes[@]}")
}

# expect WHAT SEEN OPERATOR EXPECTED: an operator of [[ ]]: ==, -eq, -le, ...; == takes a pattern
expect() {
    local good=no
    # shellcheck disable=SC2053  # a pattern
    case $3 in
        ==) [[ $2 == $4 ]] && good=yes ;;
        -eq) [[ $2 -eq $4 ]] && good=yes ;;
        -le) [[ $2 -le $4 ]] && good=yes ;;
        -ge) [[ $2 -ge $4 ]] && good=yes ;;
        *) echo "expect does not know $3" >&2 ;;
    esac
    if [[ $good == yes ]]; then
        echo "$1: $2"
    else
        echo "$1: $2, which is not $3 $4"
        failures=$((failures + 1))
    fi
}

# neighbours: the hosts alice and bob at the two ends of a wire
neighbours() {
    host alice
    host bob
    wire alice eth0 bob eth0
    address alice eth0 192.0.2.1/24
    address bob eth0 192.0.2.2/24
}

lines() {
    wc -l <"$1"
}

# captured NAME: how many packets sniff says it captured; dropped NAME: how many were lost
captured() {
    awk '/ captured$/ { print $1 }' "$scratch/$1.err"
}

dropped() {
    awk '/ dropped by (kernel|interface)$/ { sum += $1 } END { print sum + 0 }' "$scratch/$1.err"
}

# packets FILE: how many tshark reads from it, without a complaint
packets() {
    tshark -r "$1" 2>"$scratch/tshark.err" | wc -l
    if grep --invert-match 'Running as user' "$scratch/tshark.err" >&2; then
        echo "tshark has to complain about $1" >&2
    fi
}

# contents FILE: what does not depend on who captured, packet by packet; not their order, in which two processors may differ
contents() {
    tshark -r "$1" -T fields -e frame.len -e frame.protocols -e ip.src -e ip.id -e tcp.seq_raw -e tcp.payload 2>/dev/null |
        sort
}

done_checking() {
    [[ $failures -eq 0 ]]
}
