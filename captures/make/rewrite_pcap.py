#!/usr/bin/env python3
"""Writes a pcap file (microseconds, little-endian) in another of its forms, for those that Linux itself does not write.

    rewrite_pcap.py [--big-endian] [--link null|loop] FROM TO

--link replaces the link layer of raw IP packets: null is that of BSD's loopback interface (4 bytes, the address family in the byte
order of the machine that captured), loop that of OpenBSD (the same in network byte order).
"""

import argparse
import struct

LINK_TYPES = {"null": 0, "loop": 108}
RAW = 101
# Address families of FreeBSD (and OpenBSD for IPv4), by IP version.
FAMILIES = {4: 2, 6: 28}

arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
arguments.add_argument("--big-endian", action="store_true")
arguments.add_argument("--link", choices=LINK_TYPES)
arguments.add_argument("source")
arguments.add_argument("destination")
options = arguments.parse_args()
order = ">" if options.big_endian else "<"

with open(options.source, "rb") as file:
    data = file.read()
magic, major, minor, zone, accuracy, snap_length, link = struct.unpack_from("<IHHiIII", data)
assert magic == 0xA1B2C3D4, "not a little-endian pcap file with microseconds"
if options.link:
    assert link == RAW, "not raw IP"
    link = LINK_TYPES[options.link]

result = [struct.pack(order + "IHHiIII", magic, major, minor, zone, accuracy, snap_length, link)]
position = 24
while position < len(data):
    seconds, microseconds, captured, length = struct.unpack_from("<IIII", data, position)
    packet = data[position + 16 : position + 16 + captured]
    position += 16 + captured
    if options.link:
        family_order = order if options.link == "null" else ">"
        packet = struct.pack(family_order + "I", FAMILIES[packet[0] >> 4]) + packet
        captured, length = captured + 4, length + 4
    result.append(struct.pack(order + "IIII", seconds, microseconds, captured, length) + packet)

with open(options.destination, "wb") as file:
    file.write(b"".join(result))
