#!/usr/bin/env bash
# Makes captures of DNS as an authoritative server (nsd) speaks it.
#
# dns-zone.pcap: records of all kinds; a referral, a name that does not exist, one without such a record, a wildcard, an alias for a whole
# subtree; EDNS with its options, of a version that nobody knows; a class and an operation that are not the usual ones.
# dns-sec.pcap: a signed zone: keys, signatures, denials by NSEC and by NSEC3.
# dns-tcp.pcap, in segments of 200 bytes: an answer too long for a datagram, then asked for by TCP; two questions in one segment, questions in
# two and in three; several questions on one connection; a zone transfer, authenticated (TSIG).
#
# Use: sudo captures/make/dns-zone.sh

source "$(dirname "$0")/network.sh"

host client ipv6
host server ipv6
for name in client server; do
    setting $name net.ipv6.conf.default.router_solicitations=0 net.ipv6.conf.default.addr_gen_mode=1 net.ipv4.tcp_congestion_control=reno
done
wire client eth0 server eth0
address client eth0 192.0.2.10/24 2001:db8::10/64
address server eth0 192.0.2.53/24 2001:db8::53/64

# ---- the zones

mkdir "$scratch/nsd"
cd "$scratch/nsd"
cat >example.zone <<'ZONE'
$ORIGIN example.
$TTL 3600
@ SOA ns1 hostmaster 2026010101 7200 900 1209600 300
@ NS ns1
@ NS ns2.elsewhere.test.
@ MX 10 mail
@ MX 20 backup
@ TXT "v=spf1 mx -all" "a second string; with \"quotes\" and \000\255"
@ CAA 0 issue "ca.example"
@ CAA 128 iodef "mailto:security@example"
ns1 A 192.0.2.53
ns1 AAAA 2001:db8::53
mail A 198.51.100.25
mail AAAA 2001:db8::25
backup A 198.51.100.26
www 60 A 198.51.100.20
www 60 A 198.51.100.21
www AAAA 2001:db8::20
www HTTPS 1 . alpn="h2,h3" ipv4hint=198.51.100.20 ipv6hint=2001:db8::20
www SSHFP 4 2 123456789abcdef67890123456789abcdef67890123456789abcdef123456789
www LOC 51 28 38.000 N 0 0 0.000 W 46m 1m 10m 2m
www HINFO "RISC-V" "Linux"
www RP admin.people contact
web CNAME www
alias CNAME web
loop CNAME loop2
loop2 CNAME loop
elsewhere CNAME www.elsewhere.test.
_dns SVCB 0 svc
_foo SVCB 16 svc mandatory=alpn,port alpn="f\\\\oo\\,bar,h2" port=8443 key65280="opaque"
_sip._udp SRV 0 5 5060 www
_443._tcp.www TLSA 3 1 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
_ftp._tcp URI 10 1 "ftp://ftp.example/public"
4.3.2.1.e164 NAPTR 100 10 "u" "E2U+sip" "!^.*$!sip:info@example!" .
key OPENPGPKEY AQIDBAUGBwg=
old AFSDB 1 www
odd TYPE65534 \# 5 0102030405
tree DNAME www
*.wild A 198.51.100.99
xn--fiqs8s A 198.51.100.30
a\.dot.and\032space TXT "strange labels"
sub NS ns.sub
sub NS ns1
ns.sub A 203.0.113.53
ns.sub AAAA 2001:db8:53::53
ZONE
for number in {1..12}; do
    echo "long TXT \"string $(printf '%02d of a text that does not fit into a datagram %.0s' "$number" "$number")\""
done >>example.zone
cat >small.zone <<'ZONE'
$ORIGIN small.test.
$TTL 300
@ SOA ns hostmaster 7 7200 900 1209600 60
@ NS ns
ns A 192.0.2.53
www A 198.51.100.20
*.wild A 198.51.100.99
sub NS ns.sub
sub DS 12345 13 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
ns.sub A 203.0.113.53
ZONE
sed 's/small.test/hashed.test/' small.zone >hashed.zone
# sign ZONE OPTION...: with a short key, so that signatures are short
sign() {
    ldns-signzone -i 20260101000000 -e 20360101000000 "${@:2}" "$1.zone" "$(ldns-keygen -a ED25519 -k "$1.test")"
}
sign small
sign hashed -n -s abcd -t 1
cat >nsd.conf <<CONFIGURATION
server:
    ip-address: 192.0.2.53
    ip-address: 2001:db8::53
    username: ""
    zonesdir: "$PWD"
    database: ""
    pidfile: ""
    logfile: "$PWD/nsd.log"
    xfrdfile: "$PWD/xfrd.state"
    xfrdir: "$PWD"
    zonelistfile: "$PWD/zone.list"
    cookie-secret: "000102030405060708090a0b0c0d0e0f"
    answer-cookie: yes
    nsid: "ascii_server one"
    version: "a server"
    minimal-responses: no
    rrl-ratelimit: 0
remote-control:
    control-enable: no
key:
    name: "transfer."
    algorithm: hmac-sha256
    secret: "AAECAwQFBgcICQoLDA0ODw=="
zone:
    name: "example"
    zonefile: "example.zone"
    provide-xfr: 192.0.2.10 transfer.
zone:
    name: "small.test"
    zonefile: "small.zone.signed"
zone:
    name: "hashed.test"
    zonefile: "hashed.zone.signed"
CONFIGURATION
background server nsd -d -c "$scratch/nsd/nsd.conf"
await_listener server tcp 53
await_quiet_ipv6 client
await_quiet_ipv6 server
for each in 192.0.2.53 2001:db8::53; do
    on client ip neighbour add $each lladdr "$(on server cat /sys/class/net/eth0/address)" dev eth0
done
for each in 192.0.2.10 2001:db8::10; do
    on server ip neighbour add $each lladdr "$(on client cat /sys/class/net/eth0/address)" dev eth0
done

port=40000
ask() {
    port=$((port + 1))
    on client dig +tries=1 +time=2 +norecurse -b "192.0.2.10#$port" @192.0.2.53 "$@" >>"$scratch/answers.log" || true
}
# plain QUESTION...: without EDNS
plain() {
    ask +noedns "$@"
}

capture client eth0 dns-zone.pcap
plain example SOA
plain example NS
plain example MX
plain example TXT
plain example CAA
for type in A HTTPS SSHFP LOC HINFO RP; do
    plain www.example $type
done
plain alias.example A
plain loop.example A
plain elsewhere.example A
plain _dns.example SVCB
plain _foo.example SVCB
plain _sip._udp.example SRV
plain _443._tcp.www.example TLSA
plain _ftp._tcp.example URI
plain 4.3.2.1.e164.example NAPTR
plain key.example OPENPGPKEY
plain old.example AFSDB
plain odd.example TYPE65534
plain under.tree.example A
plain anything.wild.example A
plain +noidnout +noidnin xn--fiqs8s.example A
plain 'a\.dot.and\032space.example' TXT
# a referral; no such name; no such record
plain host.sub.example A
plain nowhere.example A
plain www.example MX
# nobody's zone
plain somewhere.test A
plain version.server TXT -c CH
# EDNS
ask +cookie=0001020304050607 www.example A
ask +nocookie +nsid +subnet=198.51.100.0/24 +padding=128 www.example A
ask +nocookie +edns=1 +noednsnegotiation www.example A
plain +opcode=UPDATE example SOA
on client dig +tries=1 +norecurse +noedns -b '2001:db8::10#40100' @2001:db8::53 wWw.eXaMpLe AAAA >>"$scratch/answers.log"
finish

capture client eth0 dns-sec.pcap
secure() {
    ask +nocookie +dnssec +nocrypto "$@"
}
secure small.test DNSKEY
secure www.small.test A
secure any.wild.small.test A
secure sub.small.test DS
secure host.sub.small.test A
secure nowhere.small.test A
secure www.small.test MX
secure hashed.test NSEC3PARAM
secure nowhere.hashed.test A
secure www.hashed.test MX
finish

for name in client server; do
    on $name ip route change 192.0.2.0/24 dev eth0 advmss 212
done
capture client eth0 dns-tcp.pcap
port=40200
ask +noedns long.example TXT
# segments TEXT...: bytes of DNS, each text a segment
segments() {
    port=$((port + 1))
    on client python3 "$make_directory/segment_client.py" 192.0.2.53 53 $port "$@"
}
www='\0\x1d\x12\x34\0\0\0\1\0\0\0\0\0\0\3www\7example\0\0\1\0\1'
web='\0\x1d\x56\x78\0\0\0\1\0\0\0\0\0\0\3web\7example\0\0\1\0\1'
segments "$www$web"
# within the length, within a name, after the header
segments '\0' '\x1d\x12\x34\0\0\0\1\0\0\0\0\0\0\3w' 'ww\7example\0\0\1\0\1'"${web:0:30}" "${web:30}"
ask +tcp +keepopen +nocookie www.example A ns1.example AAAA nowhere.example A
ask +nocookie -y hmac-sha256:transfer.:AAECAwQFBgcICQoLDA0ODw== example AXFR
finish
