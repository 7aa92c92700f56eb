#!/usr/bin/env python3
"""Sends a datagram in just these fragments, in just this order, as no kernel would. IPv4 or IPv6, by the addresses.

    fragment_sender.py INTERFACE MAC OWN_ADDRESS ADDRESS ID [options] WHAT PIECE...     (MAC: of the next host)

WHAT is one of
    ping=BYTES         an echo request with so many bytes of data (8 bytes of header come first)
    udp=PORT,BYTES     a datagram (the same)
    syn=PORT           a SYN with an MSS option (24 bytes)
PIECE is BEGIN-END, offsets of bytes in the datagram without its IP header; END may be omitted: all that is left. Then may follow
    +                  says that more fragments follow (it goes without saying for a piece that is not the last)
    .                  says that none follow
    =X[N]              the first N bytes (all unless told) are the letter X instead of what belongs there
`options`, for IPv6: destination options stand before the fragment header. `wait=SECONDS` may stand between the pieces.
"""

import re
import socket
import struct
import sys
import time

ICMP, TCP, UDP, FRAGMENT, ICMPV6, DESTINATION_OPTIONS = 1, 6, 17, 44, 58, 60
ETH_P_IP, ETH_P_IPV6 = 0x0800, 0x86DD
OWN_PORT = 50001

interface, mac, own, peer, identification, *words = sys.argv[1:]
identification = int(identification, 0)
ipv6 = ":" in peer
family = socket.AF_INET6 if ipv6 else socket.AF_INET
own, peer = socket.inet_pton(family, own), socket.inet_pton(family, peer)


def checksum(data):
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def with_checksum(data, place, protocol):
    pseudo = own + peer + (struct.pack("!II", len(data), protocol) if ipv6 else struct.pack("!HH", protocol, len(data)))
    value = checksum(data if protocol == ICMP else pseudo + data)
    return data[:place] + struct.pack("!H", value) + data[place + 2 :]


def lines(length):
    """A text whose lines tell where in it they are."""
    return b"".join(b"%07d\n" % offset for offset in range(0, length, 8))[:length]


def datagram(what):
    name, _, value = what.partition("=")
    if name == "ping":
        protocol, echo_request = (ICMPV6, 128) if ipv6 else (ICMP, 8)
        message = struct.pack("!BBHHH", echo_request, 0, 0, identification & 0xFFFF, 1) + lines(int(value))
        return protocol, with_checksum(message, 2, protocol)
    if name == "udp":
        port, length = map(int, value.split(","))
        return UDP, with_checksum(struct.pack("!HHHH", OWN_PORT, port, 8 + length, 0) + lines(length), 6, UDP)
    if name == "syn":
        header = struct.pack("!HHIIBBHHH", OWN_PORT, int(value), 1000, 0, 6 << 4, 2, 65535, 0, 0)
        return TCP, with_checksum(header + b"\2\4\x05\xb4", 16, TCP)
    sys.exit(f"fragment_sender.py: {what}: unknown word")


def ipv4_packet(protocol, begin, more, data):
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(data), identification, more << 13 | begin // 8, 64, protocol, 0) + own + peer
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + data


def ipv6_packet(protocol, begin, more, data):
    data = struct.pack("!BBHI", protocol, 0, begin | more, identification) + data
    protocol = FRAGMENT
    if with_options:
        # padding only
        data = struct.pack("!BBBB4x", protocol, 0, 1, 4) + data
        protocol = DESTINATION_OPTIONS
    return struct.pack("!IHBB", 6 << 28, len(data), protocol, 64) + own + peer + data


with_options = words[0] == "options"
if with_options:
    del words[0]
protocol, whole = datagram(words.pop(0))
wire = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM)
for word in words:
    if word.startswith("wait="):
        time.sleep(float(word[5:]))
        continue
    begin, end, mark, letter, count = re.fullmatch(r"(\d+)-(\d*)([+.]?)(?:=(.)(\d*))?", word).groups()
    begin, end = int(begin), int(end) if end else len(whole)
    data = whole[begin:end].ljust(end - begin, b"-")
    if letter:
        count = int(count or len(data))
        data = letter.encode() * count + data[count:]
    more = mark == "+" or (mark != "." and end < len(whole))
    packet = (ipv6_packet if ipv6 else ipv4_packet)(protocol, begin, more, data)
    wire.sendto(packet, (interface, ETH_P_IPV6 if ipv6 else ETH_P_IP, 0, 0, bytes.fromhex(mac.replace(":", ""))))
