#!/usr/bin/env bash
# Makes ipsec.pcap: pings and a TCP session protected by IPsec: ESP without encryption and with AES, and AH, each in transport
# mode and in tunnel mode. The protection is put on by ipsec_peer.py; all inside it is the kernel's own. Keys: see there.
#
# Use: sudo captures/make/ipsec.sh

source "$(dirname "$0")/network.sh"

host alice
host bob
wire alice eth0 bob eth0
address alice eth0 192.0.2.1/24
address bob eth0 192.0.2.2/24

# connection MODE PROTOCOL CIPHER SPI
connection() {
    background alice python3 "$make_directory/ipsec_peer.py" ipsec0 eth0 192.0.2.1 192.0.2.2 "$@"
    background bob python3 "$make_directory/ipsec_peer.py" ipsec0 eth0 192.0.2.2 192.0.2.1 "$@"
    local name own peer
    for name in alice bob; do
        await on $name ip link show ipsec0
        on $name ip link set ipsec0 mtu 1400 up
        own=$([[ $name == alice ]] && echo 1 || echo 2)
        peer=$((3 - own))
        if [[ $1 == tunnel ]]; then
            address $name ipsec0 "198.51.100.$own/24"
        else
            on $name ip route add "192.0.2.$peer/32" dev ipsec0 src "192.0.2.$own"
        fi
    done
    local target=192.0.2.2
    if [[ $1 == tunnel ]]; then
        target=198.51.100.2
    fi
    on alice ping -q -c 1 "$target"
    background bob python3 "$make_directory/uppercase_server.py" "$target" 7007
    await_listener bob tcp 7007
    on alice python3 "$make_directory/uppercase_client.py" "$target" 7007 "$((50000 + $4 % 16))" 'for nobody else'
    await_background
    # so that the last acknowledgement gets through
    sleep 0.2
    stop_background
    stop_background
}

capture alice eth0 ipsec.pcap
connection transport esp null 0x1001
connection tunnel esp null 0x1002
connection transport esp aes 0x1003
connection tunnel esp aes 0x1004
connection transport ah none 0x1005
connection tunnel ah none 0x1006
finish
