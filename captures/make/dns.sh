#!/usr/bin/env bash
# Makes dns.pcap: dig asks dnsmasq for addresses, mail servers, texts, services, an alias, a name for an address; for a name that
# does not exist and one that it must not answer; for an answer too long for a datagram, and then over TCP; and over IPv6.
#
# Use: sudo captures/make/dns.sh

source "$(dirname "$0")/network.sh"

host client ipv6
host server ipv6
for name in client server; do
    setting $name net.ipv6.conf.default.router_solicitations=0
done
wire client eth0 server eth0
address client eth0 192.0.2.10/24 2001:db8::10/64
address server eth0 192.0.2.53/24 2001:db8::53/64
long=()
for number in {1..12}; do
    long+=("--txt-record=long.example,$(printf 'string %02d of a text that does not fit into a datagram %.0s' "$number" "$number")")
done
background server dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --user=root --pid-file= \
    --interface=eth0 --bind-interfaces --local=/example/ --host-record=www.example,198.51.100.20,2001:db8::20 \
    --cname=web.example,www.example --mx-host=example,mail.example,10 --mx-host=example,backup.example,20 \
    --host-record=mail.example,198.51.100.25 --txt-record=example,'v=spf1 -all','two strings' \
    --srv-host=_sip._udp.example,mail.example,5060,1,2 --caa-record=example,0,issue,ca.example "${long[@]}"
await_listener server tcp 53
await_quiet_ipv6 client
await_quiet_ipv6 server
port=40000
ask() {
    port=$((port + 1))
    on client dig +tries=1 +time=2 +nocookie -b "0.0.0.0#$port" @192.0.2.53 "$@" || true
}
capture client eth0 dns.pcap
ask +noedns www.example A
ask www.example AAAA
ask web.example A
ask example MX
ask example TXT
ask _sip._udp.example SRV
ask example CAA
ask -x 198.51.100.20
ask nowhere.example A
ask somewhere.test A
ask +noedns +ignore long.example TXT
ask +tcp long.example TXT
port=40100
on client dig +tries=1 -b "::#$port" @2001:db8::53 www.example AAAA
finish
