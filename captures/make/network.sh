# shellcheck shell=bash
# The common part of the scripts beside it: hosts (network namespaces), the wires between them, and captures of what
# crosses the wires. Sourced, as root, never run alone:
#
#     source "$(dirname "$0")/network.sh"
#     host alice; host bob                               # a namespace each, without IPv6 ("host alice ipv6": with it)
#     wire alice eth0 bob eth0                           # a veth pair: fixed MAC addresses, checksums computed in full
#     address alice eth0 192.0.2.1/24; address bob eth0 192.0.2.2/24
#     capture alice eth0 ping.pcap                       # tcpdump; more options of tcpdump may follow
#     on alice ping -c 1 192.0.2.2
#     finish                                             # stops the capture; it lands in captures/
#
# Addresses are those reserved for documentation: 192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24 (RFC 5737),
# 2001:db8::/32 (RFC 3849) and the MAC addresses 00:00:5e:00:53:xx (RFC 7042).
#
# CAPTURES_DIRECTORY names another folder for the results. Whatever happens, a trap ends the programs that were started
# here, by their process numbers, and removes the namespaces.

set -euo pipefail

if [[ $EUID -ne 0 ]]; then
    echo "$0: network namespaces need root" >&2
    exit 1
fi

make_directory=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
captures_directory=${CAPTURES_DIRECTORY:-$(dirname "$make_directory")}
scratch=$(mktemp -d)
namespace_prefix=captures-$$
export LC_ALL=C.UTF-8 TZ=UTC

hosts=()
background_processes=()
capture_processes=()
capture_files=()
next_mac=1

clean_up() {
    local status=$? index
    for ((index = ${#background_processes[@]} - 1; index >= 0; index--)); do
        kill "${background_processes[index]}" 2>/dev/null || true
        wait "${background_processes[index]}" 2>/dev/null || true
    done
    for index in "${!capture_processes[@]}"; do
        kill "${capture_processes[index]}" 2>/dev/null || true
    done
    for index in "${!hosts[@]}"; do
        ip netns delete "$namespace_prefix-${hosts[index]}" 2>/dev/null || true
    done
    if [[ $status -ne 0 ]]; then
        echo "$0: failed; what its programs said:" >&2
        tail -n 5 "$scratch"/*.log >&2 2>/dev/null || true
    fi
    rm -rf "$scratch"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# ---- hosts and wires

# host NAME [ipv6]
host() {
    ip netns add "$namespace_prefix-$1"
    hosts+=("$1")
    if [[ ${2:-} != ipv6 ]]; then
        setting "$1" net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
    fi
    on "$1" ip link set lo up
}

# on HOST COMMAND...: runs it there and waits for it
on() {
    local name=$1
    shift
    ip netns exec "$namespace_prefix-$name" "$@"
}

# background HOST COMMAND...: starts it there; it is ended by the trap if it has not ended before
background() {
    local name=$1
    shift
    ip netns exec "$namespace_prefix-$name" "$@" >"$scratch/$name-${1##*/}-${#background_processes[@]}.log" 2>&1 &
    background_processes+=($!)
}

# Waits until the program that was started last with background has ended by itself.
await_background() {
    wait "${background_processes[-1]}"
    unset 'background_processes[-1]'
}

# Ends the program that was started last with background.
stop_background() {
    kill "${background_processes[-1]}" 2>/dev/null || true
    wait "${background_processes[-1]}" 2>/dev/null || true
    unset 'background_processes[-1]'
}

# setting HOST NAME=VALUE...
setting() {
    local name=$1
    shift
    on "$name" sysctl --quiet --write "$@"
}

# wire HOST INTERFACE HOST INTERFACE
wire() {
    ip link add "$2" netns "$namespace_prefix-$1" type veth peer name "$4" netns "$namespace_prefix-$3"
    prepare "$1" "$2"
    prepare "$3" "$4"
}

# prepare HOST INTERFACE: the next MAC address, no offloads (so that each packet is captured as it would be on a wire), up
prepare() {
    on "$1" ip link set "$2" address "$(printf '00:00:5e:00:53:%02x' $next_mac)"
    next_mac=$((next_mac + 1))
    on "$1" ethtool --offload "$2" rx off tx off sg off tso off gso off gro off >/dev/null 2>&1 || true
    on "$1" ip link set "$2" up
}

# address HOST INTERFACE ADDRESS/LENGTH...
address() {
    local name=$1 interface=$2 each
    shift 2
    for each in "$@"; do
        if [[ $each == *:* ]]; then
            on "$name" ip address add "$each" dev "$interface" nodad
        else
            on "$name" ip address add "$each" dev "$interface"
        fi
    done
}

# ---- waiting

# await COMMAND...: until it succeeds, for ten seconds at most
await() {
    local tries
    for ((tries = 0; tries < 200; tries++)); do
        if "$@" >/dev/null 2>&1; then
            return
        fi
        sleep 0.05
    done
    echo "$0: waited in vain for: $*" >&2
    return 1
}

# await_listener HOST tcp|udp PORT: until somebody is bound to it (asking the kernel, so that no packet is sent)
await_listener() {
    await listens "$@"
}

listens() {
    [[ -n $(on "$1" ss --no-header --numeric --listening "--$2" "sport = :$3") ]]
}

# Link-local addresses of the host are no longer tentative, and the multicast reports that go with them are over.
await_quiet_ipv6() {
    await no_tentative_address "$1"
    sleep 2
}

no_tentative_address() {
    [[ -z $(on "$1" ip -6 address show tentative) ]]
}

# ---- captures

# capture HOST INTERFACE FILE [OPTION...]: with tcpdump
capture() {
    local name=$1 interface=$2 file=$3
    shift 3
    ip netns exec "$namespace_prefix-$name" tcpdump --interface="$interface" --immediate-mode --packet-buffered \
        --relinquish-privileges=root -w "$scratch/$file" "$@" 2>"$scratch/$file.log" &
    capture_processes+=($!)
    capture_files+=("$file")
    await grep --quiet 'listening on' "$scratch/$file.log"
}

# capture_pcapng HOST FILE OPTION...: with dumpcap, which knows interface names and comments
capture_pcapng() {
    local name=$1 file=$2
    shift 2
    ip netns exec "$namespace_prefix-$name" dumpcap -q -w "$scratch/$file" "$@" 2>"$scratch/$file.log" &
    capture_processes+=($!)
    capture_files+=("$file")
    await grep --quiet '^File:' "$scratch/$file.log"
}

# Stops the captures and puts them in their place.
finish() {
    local file
    stop_captures
    for file in "${capture_files[@]}"; do
        publish "$file"
    done
    capture_files=()
}

# Stops the captures and waits until they are written, to $scratch.
stop_captures() {
    local process
    sleep 0.5
    for process in "${capture_processes[@]}"; do
        kill -INT "$process"
        wait "$process" || true
    done
    capture_processes=()
}

# publish FILE: from $scratch into captures/
publish() {
    if [[ $1 == *.pcapng ]]; then
        python3 "$make_directory/pcapng_without_machine.py" "$scratch/$1"
    fi
    cp "$scratch/$1" "$captures_directory/$1"
    chmod 644 "$captures_directory/$1"
    echo "$1: $(capinfos -TrcM "$scratch/$1" 2>/dev/null | cut -f 2) packets, $(stat --format=%s "$captures_directory/$1") bytes"
}
