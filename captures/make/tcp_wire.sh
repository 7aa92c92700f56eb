# shellcheck shell=bash
# Two hosts, alice and bob, and between them a wire with faults, 5 ms long each way (faulty_wire.py); sourced after network.sh.
#
#     capture_both NAME      what alice sees, in NAME.pcap, and what bob sees, in NAME-receiver.pcap
#     session 'read=all' 'mss=212 send=2000' 'left data 400 lose'
#
# is one TCP connection: the words of bob, who serves, and of alice, who calls (tcp_player.py), then what goes wrong: alice is left. The port
# of alice is 50001, then 50002, and so on, but for `next_port=...`. With timestamps, mss=212 leaves 200 bytes of data in a segment.
#
#     puppet_session 'read=all' 'syn data=0,100 wait=0.1 fin'
#
# is one that is made by tcp_puppet.py at alice's side, and the kernel knows nothing about it.
#
# Addresses are 192.0.2.1 and .2, 2001:db8::1 and ::2 (`ipv6=yes session ...`). What a kernel measures of the machine and remembers
# of earlier connections is off, as far as that can be.

# shellcheck disable=SC2154  # what is not assigned here is of network.sh
wire_delay=5
next_port=50001

host alice ipv6
host wire
host bob ipv6
for name in alice bob; do
    setting $name net.ipv4.tcp_congestion_control=reno net.ipv4.tcp_no_metrics_save=1 net.ipv4.tcp_rmem='4096 131072 6291456' \
        net.ipv6.conf.default.router_solicitations=0 net.ipv6.conf.default.addr_gen_mode=1
done
wire alice eth0 wire eth0
wire bob eth0 wire eth1
address alice eth0 192.0.2.1/24 2001:db8::1/64
address bob eth0 192.0.2.2/24 2001:db8::2/64
# no ARP and no neighbour discovery in between
for version in -4 -6; do
    peers=(192.0.2.2 192.0.2.1)
    [[ $version == -4 ]] || peers=(2001:db8::2 2001:db8::1)
    on alice ip $version neighbour add "${peers[0]}" lladdr "$(on bob cat /sys/class/net/eth0/address)" dev eth0
    on bob ip $version neighbour add "${peers[1]}" lladdr "$(on alice cat /sys/class/net/eth0/address)" dev eth0
done

# capture_both NAME
capture_both() {
    capture alice eth0 "$1.pcap" tcp
    capture bob eth0 "$1-receiver.pcap" tcp
}

# everywhere SETTING...
everywhere() {
    setting alice "$@"
    setting bob "$@"
}

# start_wire FAULT...: instead of the one that is there
start_wire() {
    # where background will write what it says
    local log=$scratch/wire-python3-${#background_processes[@]}.log
    rm -f "$log"
    background wire python3 -u "$make_directory/faulty_wire.py" eth0 eth1 "$wire_delay" "$@"
    await grep --quiet ready "$log"
}

# session BOB_WORDS ALICE_WORDS FAULT...
session() {
    local target=192.0.2.2 served called
    [[ ${ipv6:-no} == no ]] || target=2001:db8::2
    read -ra served <<<"$1"
    read -ra called <<<"$2"
    called=(tcp_player.py call "$target" 7007 "$next_port" "${called[@]}")
    play "${@:3}"
}

# puppet_session BOB_WORDS PUPPET_WORDS FAULT...
puppet_session() {
    local target=192.0.2.2 served called
    read -ra served <<<"$1"
    read -ra called <<<"$2"
    called=(tcp_puppet.py 192.0.2.1 "$next_port" "$target" 7007 "${called[@]}")
    on alice nft "add table ip puppet; add chain ip puppet input { type filter hook input priority 0; }; \
        add rule ip puppet input tcp dport $next_port drop"
    play "${@:3}"
    on alice nft delete table ip puppet
}

# with the variables of those above; if bob has no words, whoever listens there already is asked
play() {
    start_wire "$@"
    if [[ ${#served[@]} -gt 0 ]]; then
        background bob python3 "$make_directory/tcp_player.py" serve "$target" 7007 "${served[@]}"
    fi
    await_listener bob tcp 7007
    on alice python3 "$make_directory/${called[0]}" "${called[@]:1}"
    [[ ${#served[@]} -eq 0 ]] || await_background
    # the last acknowledgements
    sleep 0.3
    stop_background
    next_port=$((next_port + 1))
}
