#!/usr/bin/env bash
# Makes other forms of captures that are here already: by programs that write them the old "modified" pcap and one of which only the
# first 96 bytes of each packet are left (editcap), files compressed with gzip, zstd and lz4; by rewrite_pcap.py those of other
# systems: big-endian, and BSD's two loopback link types. arp, dns, http, raw and refused.pcap and two-links.pcapng must be there.
# No root is needed.
#
# Use: captures/make/formats.sh

set -euo pipefail
cd "$(dirname "$0")/.."

editcap -F modpcap refused.pcap refused-modified.pcap
editcap -F pcap -s 96 http.pcap http-snapped.pcap
gzip --no-name --best --stdout dns.pcap >dns.pcap.gz
zstd --quiet --force dns.pcap -o dns.pcap.zst
lz4 -q -f dns.pcap dns.pcap.lz4
gzip --no-name --best --stdout two-links.pcapng >two-links.pcapng.gz
make/rewrite_pcap.py --big-endian arp.pcap arp-big-endian.pcap
make/rewrite_pcap.py --link null raw.pcap null.pcap
make/rewrite_pcap.py --link null --big-endian raw.pcap null-big-endian.pcap
make/rewrite_pcap.py --link loop raw.pcap loop.pcap
