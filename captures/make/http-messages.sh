#!/usr/bin/env bash
# Makes captures of HTTP/1.1, as curl and clients written for it talk to a server that was written for it (http_server.py).
#
# http-messages.pcap: on one connection a page, its head, the same page unchanged (304); a form, JSON, a form in parts, and a body in chunks;
# an upload that waits for 100; 103, 401 and a cookie, 204, OPTIONS; gzip, deflate, until the connection is closed.
# http-segments.pcap, in segments of 200 bytes: requests in one segment, requests that do not begin where a segment begins; a body
# of many segments, chunks, a body that is cut off by a reset.
# http-upgrades.pcap: a WebSocket, and a proxy: a page by way of it, and TLS through it.
#
# Use: sudo captures/make/http-messages.sh

source "$(dirname "$0")/network.sh"

host client
host server
wire client eth0 server eth0
address client eth0 192.0.2.10/24
address server eth0 192.0.2.80/24
for name in client server; do
    setting $name net.ipv4.tcp_congestion_control=reno
done
on client ip neighbour add 192.0.2.80 lladdr "$(on server cat /sys/class/net/eth0/address)" dev eth0
on server ip neighbour add 192.0.2.10 lladdr "$(on client cat /sys/class/net/eth0/address)" dev eth0
background server python3 "$make_directory/http_server.py" 192.0.2.80 80
await_listener server tcp 80
port=50000
# get ARGUMENT... [--next ARGUMENT...]: of curl, on one connection if it has several requests
get() {
    local arguments=() each
    port=$((port + 1))
    for each in "$@"; do
        arguments+=("$each")
        [[ $each != --next ]] || arguments+=(--user-agent curl --silent)
    done
    on client curl --silent --show-error --user-agent curl --max-time 5 --resolve server.example:80:192.0.2.80 \
        --resolve server.example:443:192.0.2.80 --local-port $port "${arguments[@]}" || true
}
# segments TEXT...
segments() {
    port=$((port + 1))
    on client python3 "$make_directory/segment_client.py" 192.0.2.80 80 $port "$@"
}
# small_segments: from now on no more than 200 bytes of data in each
small_segments() {
    on client ip route change 192.0.2.0/24 dev eth0 advmss 212
    on server ip route change 192.0.2.0/24 dev eth0 advmss 212
}
root=http://server.example

capture client eth0 http-messages.pcap tcp
get $root/ --next --head $root/ --next --header 'If-None-Match: "first"' $root/
get --data 'name=Ada Lovelace' --data-urlencode 'language=中文' $root/form \
    --next --json '{"name": "Ada", "born": 1815, "notes": ["A", "G"], "engine": {"built": false, "cost": 1.7e4}}' $root/json \
    --next --form 'name=Ada' --form 'file=@-;filename=notes.txt;type=text/plain' $root/upload <<<'a note'
# curl asks before it sends only if there is much to send
get --request PUT --header 'Expect: 100-continue' --header 'Transfer-Encoding: chunked' --data-binary 'sent in a chunk' $root/file
get $root/hints --next --user 'Aladdin:open sesame' --header 'Cookie: visits=1' $root/private --next $root/private \
    --next --request DELETE $root/file --next --request OPTIONS $root/
get --compressed $root/gzip --next --compressed $root/deflate
get $root/until-close
finish

small_segments
capture client eth0 http-segments.pcap tcp
# three requests in one segment, answered in order; the same, and the last is for a head alone
segments 'GET /a HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\nGET /c HTTP/1.1\r\nHost: h\r\n\r\n'
segments 'GET /a HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\nHEAD / HTTP/1.1\r\nHost: h\r\n\r\n'
# one in three, then the end of one and the begin of the next in one
segments 'GET /a HT' 'TP/1.1\r\nHost: h\r' '\n\r\n' + 'POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n01234' '56789GET /c HTTP/1.1\r\nHo' 'st: h\r\n\r\n'
get $root/long/1500
get $root/chunks --next --compressed $root/gzip --next --compressed $root/deflate
# requests in which cookies fill more than one segment
get --cookie "long=$(printf 'crumb%03d' {1..40})" $root/ --data "$(printf 'field%d=value&' {1..30})"
# the server dies before all is sent
port=$((port + 1))
background server python3 "$make_directory/tcp_player.py" serve 192.0.2.80 8080 read=30 'text=HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n' \
    send=320 wait=0.1 reset
await_listener server tcp 8080
on client curl --silent --local-port $port http://192.0.2.80:8080/ || true
finish

# small segments go on: messages across them, in both protocols
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500 -subj "/O=Captures/CN=server.example" \
    -keyout "$scratch/key.pem" -out "$scratch/certificate.pem" 2>/dev/null
background server openssl s_server -accept 127.0.0.1:443 -cert "$scratch/certificate.pem" -key "$scratch/key.pem" -www
await_listener server tcp 443
capture client eth0 http-upgrades.pcap tcp
port=$((port + 1))
on client python3 "$make_directory/websocket_client.py" 192.0.2.80 80 $port
get --proxy http://192.0.2.80:80 http://elsewhere.example/
get --proxy http://192.0.2.80:80 --insecure --tlsv1.3 --head https://elsewhere.example/
finish
