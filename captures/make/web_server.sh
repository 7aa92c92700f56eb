# shellcheck shell=bash
# A web server for the captures; sourced after network.sh.
#
#     web_server HOST ADDRESS NAME      nginx on ports 80 and 443 (TLS 1.2 and 1.3), the certificate signed by itself
#
# It has a page (/), a form that takes a POST (/form), a long text compressed and sent in chunks (/poem), chunks sent one
# by one (/count), an address that has moved (/old), and nothing anywhere else. The certificate and its key are new each time and
# thrown away with the scratch folder.

# shellcheck disable=SC2154  # scratch is of network.sh
web_server() {
    local name=$1 address=$2 server_name=$3 root=$scratch/web
    mkdir -p "$root/pages"
    printf '<!doctype html>\n<title>A page</title>\n<p>It works, across a wire that does not exist.\n' >"$root/pages/index.html"
    for verse in 1 2 3 4 5 6 7 8; do
        printf 'Verse %d: a packet went over a wire, and an answer came back.\n' $verse
    done >"$root/pages/poem"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500 -subj "/O=Captures/CN=$server_name" \
        -addext "subjectAltName=DNS:$server_name" -keyout "$root/key.pem" -out "$root/certificate.pem" 2>/dev/null
    cat >"$root/nginx.conf" <<CONFIGURATION
$(cat /etc/nginx/modules-enabled/*echo*.conf 2>/dev/null)
worker_processes 1;
pid $root/nginx.pid;
error_log $root/error.log;
events {}
http {
    access_log off;
    types { text/html html; }
    default_type text/plain;
    keepalive_timeout 5s;
    client_body_temp_path $root/body;
    proxy_temp_path $root/proxy;
    fastcgi_temp_path $root/fastcgi;
    uwsgi_temp_path $root/uwsgi;
    scgi_temp_path $root/scgi;
    server {
        listen $address:80;
        listen $address:443 ssl;
        server_name $server_name;
        root $root/pages;
        ssl_certificate $root/certificate.pem;
        ssl_certificate_key $root/key.pem;
        ssl_protocols TLSv1.2 TLSv1.3;
        location = /form { return 200 "thank you\n"; }
        location = /old { return 301 /; }
        location = /poem { gzip on; gzip_types text/plain; gzip_min_length 1; }
        location = /count { echo -n "one "; echo_flush; echo_sleep 0.05; echo -n "two "; echo_flush; echo_sleep 0.05; echo "three"; }
    }
}
CONFIGURATION
    # the worker runs as another user and reads the pages
    chmod 755 "$scratch"
    background "$name" nginx -e "$root/error.log" -c "$root/nginx.conf" -g 'daemon off;'
    await_listener "$name" tcp 443
}
