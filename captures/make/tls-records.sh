#!/usr/bin/env bash
# Makes captures of TLS as openssl speaks it, and of mail that begins to speak it in the midst of a connection. The secrets of the sessions
# are in NAME.keys.
#
# tls-handshakes.pcap: TLS 1.3 in full, resumed with early data, with a second hello, with new keys on the way, with a certificate of the
# client; TLS 1.2 with three kinds of key exchange and of cipher, a client's certificate, resumed by its number; fatal alerts: version, cipher,
# application protocol; a client that does not speak TLS.
# tls-segments.pcap, in segments of 200 bytes: certificates and data in records across segments, several records in one; TLS 1.3 and 1.2.
# smtp.pcap: a mail in the clear, and one after STARTTLS.
#
# Use: sudo captures/make/tls-records.sh

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

# certificate NAME ALGORITHM...
certificate() {
    openssl req -x509 -newkey "${@:2}" -nodes -days 36500 -subj "/O=Captures/CN=$1.example" -addext "subjectAltName=DNS:$1.example" \
        -keyout "$scratch/$1.key" -out "$scratch/$1.pem" 2>/dev/null
}
certificate server ec -pkeyopt ec_paramgen_curve:prime256v1
certificate client ec -pkeyopt ec_paramgen_curve:prime256v1
certificate rsa rsa:2048
mkdir "$scratch/pages"
# page NAME TEXT
page() {
    printf 'HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s' ${#2} "$2" >"$scratch/pages/$1"
}
page page 'It works, across a wire that does not exist.'
page long "$(printf '%015d\n' {0..1184..16})"
# where openssl looks for its pages
cd "$scratch/pages"
mkfifo input
port=50000
serves=no

# serve OPTION...: instead of the server that is there
serve() {
    [[ $serves == no ]] || stop_background
    serves=yes
    # it would end with its input
    # shellcheck disable=SC2016  # that shell expands it
    background server sh -c 'exec openssl s_server "$@" 0<>input' sh -accept 192.0.2.80:443 -cert "$scratch/server.pem" -key "$scratch/server.key" "$@"
    await_listener server tcp 443
}

# get PAGE OPTION...
get() {
    port=$((port + 1))
    printf 'GET /%s HTTP/1.0\r\n\r\n' "$1" | client "${@:2}" -quiet
}

# client OPTION...: on the next port but one, as get counted
client() {
    on client timeout 5 openssl s_client -connect 192.0.2.80:443 -bind 192.0.2.10:$port -servername server.example \
        -keylogfile "$scratch/keys" "$@" >>"$scratch/client.log" 2>&1 || true
    sleep 0.1
}

# keys NAME: the secrets since the last time, by client random
keys() {
    sort --unique "$scratch/keys" | grep -v '^#' >"$captures_directory/$1.keys"
    chmod 644 "$captures_directory/$1.keys"
    rm "$scratch/keys"
}

capture client eth0 tls-handshakes.pcap tcp
# a server that only listens: no other takes early data
serve -tls1_3 -early_data -num_tickets 1
printf 'early data' >"$scratch/early"
port=$((port + 1))
{ sleep 0.2; printf 'data'; sleep 0.1; } | client -quiet -no_ign_eof -alpn http/1.1 -sess_out "$scratch/session"
port=$((port + 1))
{ sleep 0.2; printf 'data'; sleep 0.1; } | client -quiet -no_ign_eof -sess_in "$scratch/session" -early_data "$scratch/early"
# -HTTP: the pages have their headers
serve -HTTP -tls1_3 -groups P-384 -num_tickets 0
get page -groups X25519:P-384
port=$((port + 1))
# a line that begins with K asks for new keys, also of the server
{ sleep 0.2; printf 'K\n'; sleep 0.2; printf 'GET /page HTTP/1.0\r\n\r\n'; sleep 0.2; } | client
serve -HTTP -tls1_3 -Verify 1 -CAfile "$scratch/client.pem" -num_tickets 0
get page -cert "$scratch/client.pem" -key "$scratch/client.key"
serve -HTTP -tls1_2 -no_ticket -cipher ECDHE-ECDSA-CHACHA20-POLY1305
get page -sess_out "$scratch/session"
get page -sess_in "$scratch/session"
serve -HTTP -tls1_2 -cert "$scratch/rsa.pem" -key "$scratch/rsa.key" -cipher AES128-SHA256:DHE-RSA-AES256-GCM-SHA384 -Verify 1 -CAfile "$scratch/client.pem"
get page -cipher AES128-SHA256 -cert "$scratch/client.pem" -key "$scratch/client.key"
get page -cipher DHE-RSA-AES256-GCM-SHA384
# alerts
serve -HTTP -tls1_2 -alpn h2
get page -tls1_1 -cipher DEFAULT@SECLEVEL=0
get page -tls1_2 -cipher AES128-SHA
get page -alpn http/1.1
port=$((port + 1))
on client python3 "$make_directory/segment_client.py" 192.0.2.80 443 $port 'GET / HTTP/1.0\r\n\r\n'
keys tls-handshakes
finish

for name in client server; do
    on $name ip route change 192.0.2.0/24 dev eth0 advmss 212
done
capture client eth0 tls-segments.pcap tcp
serve -HTTP -num_tickets 1
get long -tls1_3
get long -tls1_2
serve -HTTP -tls1_3 -num_tickets 0 -cert "$scratch/rsa.pem" -key "$scratch/rsa.key" -max_send_frag 512 -split_send_frag 512
get long -sigalgs RSA-PSS+SHA256
keys tls-segments
finish
stop_background

for name in client server; do
    on $name ip route change 192.0.2.0/24 dev eth0
done
background server python3 "$make_directory/smtp_server.py" 192.0.2.80 25 "$scratch/server.pem" "$scratch/server.key"
await_listener server tcp 25
capture client eth0 smtp.pcap tcp
port=$((port + 1))
on client python3 "$make_directory/smtp_client.py" 192.0.2.80 25 $port
port=$((port + 1))
on client python3 "$make_directory/smtp_client.py" 192.0.2.80 25 $port "$scratch/server.pem" "$scratch/keys"
keys smtp
finish
