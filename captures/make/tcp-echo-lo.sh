#!/usr/bin/env bash
# Makes tcp-echo-lo.pcap: on the loopback interface, an upper-casing TCP server and its client: the three-way handshake,
# three lines there and back, the four-way teardown. The kernel leaves TCP checksums unfinished on `lo`: they never
# leave the machine, and a capture of `lo` shows them wrong. That is how it is for everybody, so it stays.
#
# Use: sudo captures/make/tcp-echo-lo.sh

source "$(dirname "$0")/network.sh"

host machine
background machine python3 "$make_directory/uppercase_server.py" 127.0.0.1 7007
await_listener machine tcp 7007
capture machine lo tcp-echo-lo.pcap
on machine python3 "$make_directory/uppercase_client.py" 127.0.0.1 7007 50007 'hello, world' 'how are you?' 'goodbye'
finish
