#!/usr/bin/env bash
# Makes tls.pcap and tls.keys: curl talks to nginx over TLS 1.3, over TLS 1.2, and over TLS 1.2 once more with what is left of
# the first session; in between curl meets a certificate that it does not trust, and says so in an alert. tls.keys has the secrets of the
# sessions, so that they can be deciphered: in the pcapng copy tls-with-secrets.pcapng they are inside the file.
#
# Use: sudo captures/make/tls.sh

source "$(dirname "$0")/network.sh"
source "$(dirname "$0")/web_server.sh"

host client
host server
wire client eth0 server eth0
address client eth0 192.0.2.10/24
address server eth0 192.0.2.80/24
web_server server 192.0.2.80 server.example
get() {
    on client env SSLKEYLOGFILE="$scratch/tls.keys" curl --silent --show-error --user-agent curl --cacert "$scratch/web/certificate.pem" \
        --resolve server.example:443:192.0.2.80 "$@"
}
capture client eth0 tls.pcap
get --local-port 50001 --tlsv1.3 --no-alpn https://server.example/
get --local-port 50002 --tls-max 1.2 --ciphers ECDHE-ECDSA-AES128-GCM-SHA256 https://server.example/poem
# trusts everybody but this server
get --local-port 50003 --tls-max 1.2 --cacert /etc/ssl/certs/ca-certificates.crt https://server.example/ || true
# the session is written to a file, and taken up again from it
for session in out in; do
    printf 'GET / HTTP/1.0\r\nHost: server.example\r\n\r\n' |
        on client openssl s_client -quiet -no_ign_eof -tls1_2 -connect 192.0.2.80:443 -bind "192.0.2.10:$([[ $session == out ]] && echo 50004 || echo 50005)" \
            -servername server.example -keylogfile "$scratch/tls.keys" -sess_$session "$scratch/session" >/dev/null 2>&1 || true
done
stop_captures
# not in the order in which the programs wrote them: by client random
sort --unique "$scratch/tls.keys" | grep -v '^#' >"$captures_directory/tls.keys"
chmod 644 "$captures_directory/tls.keys"
editcap --inject-secrets "tls,$captures_directory/tls.keys" "$scratch/tls.pcap" "$scratch/tls-with-secrets.pcapng"
publish tls.pcap
publish tls-with-secrets.pcapng
