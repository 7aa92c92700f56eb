#!/usr/bin/env bash
# Makes http.pcap: curl talks to nginx: a page, its head alone, a page that is not there, one that has moved, a form, a text
# in chunks, one compressed and in chunks, and a part of one; some of them on one connection.
#
# Use: sudo captures/make/http.sh

source "$(dirname "$0")/network.sh"
source "$(dirname "$0")/web_server.sh"

host client
host server
wire client eth0 server eth0
address client eth0 192.0.2.10/24
address server eth0 192.0.2.80/24
web_server server 192.0.2.80 server.example
get() {
    on client curl --silent --show-error --user-agent curl --resolve server.example:80:192.0.2.80 "$@"
}
capture client eth0 http.pcap
# one connection
get --local-port 50001 http://server.example/ --next --user-agent curl --head http://server.example/ \
    --next --user-agent curl http://server.example/nowhere
get --local-port 50002 --location http://server.example/old
get --local-port 50003 --data 'name=Ada Lovelace' --data-urlencode 'language=中文' http://server.example/form
get --local-port 50004 http://server.example/count
get --local-port 50005 --compressed http://server.example/poem
get --local-port 50006 --range 0-61 http://server.example/poem
get --local-port 50007 --http1.0 --request DELETE http://server.example/poem
finish
