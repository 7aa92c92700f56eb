#!/usr/bin/env python3
"""A TCP client that is moved by hand: it sends just the segments it is told to, as no kernel would, to a peer who is real. IPv4.

    tcp_puppet.py OWN_ADDRESS OWN_PORT ADDRESS PORT WORD...

WORDs:
    syn                      sends it, waits for the answer (unless it is the last word, or not the first SYN) and acknowledges it
    data=BEGIN,LENGTH[,X]    data from this offset of its stream, in numbered lines, or only of the letter X; BEGIN may be "+":
                             what the peer has not acknowledged
    text=TEXT                what the stream begins with instead of numbered lines (with the escapes of Python, "_" for a blank)
    fill=LENGTH              data in segments of that length until the peer's window is closed
    stray=BEGIN,LENGTH       the same, but forgotten: where the stream ends is not moved by it
    ack[=OFFSET]             an acknowledgement of all that has come (or up to this offset); its sequence number is after all that was sent
    probe=BEGIN              an acknowledgement with the sequence number of this offset
    fin                      after all that was sent
    rst
    window=BYTES             announced from now on
    sequence=NUMBER          of the SYN (1000 unless told)
    wait=SECONDS             for what may come
The kernel of its host must not hear of it (`drop` what comes for OWN_PORT), or it would answer with resets.
"""

import select
import socket
import struct
import sys
import time

ETH_P_IP = 0x0800
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16

own_address, own_port, address, port, *words = sys.argv[1:]
own_port, port = int(own_port), int(port)
first, window = 1001, 65535
peer_first = peer_next = peer_ack = peer_window = None
longest = 0
text = b""

wire = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP)
ears = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_IP))


def checksum(data):
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def send(flags, offset, payload=b"", options=b"", ack=None):
    ack = ack if ack is not None else peer_next or 0
    length = 20 + len(options)
    segment = struct.pack("!HHIIBBHHH", own_port, port, first + offset & 0xFFFFFFFF, ack & 0xFFFFFFFF, length << 2, flags, window, 0, 0)
    segment += options + payload
    pseudo = socket.inet_aton(own_address) + socket.inet_aton(address) + struct.pack("!HH", socket.IPPROTO_TCP, len(segment))
    segment = segment[:16] + struct.pack("!H", checksum(pseudo + segment)) + segment[18:]
    wire.sendto(segment, (address, 0))


def hear(seconds, until=lambda: False):
    """What comes is taken note of, but never answered by itself."""
    global peer_first, peer_next, peer_ack, peer_window
    end = time.monotonic() + seconds
    while not until() and (left := end - time.monotonic()) > 0:
        if not select.select([ears], [], [], left)[0]:
            continue
        packet = ears.recv(65536)
        segment = packet[packet[0] % 16 * 4 : struct.unpack_from("!H", packet, 2)[0]]
        if packet[9] != socket.IPPROTO_TCP or struct.unpack_from("!HH", segment) != (port, own_port):
            continue
        seq, ack, data_offset, flags, peer_window = struct.unpack_from("!IIBBH", segment, 4)
        peer_ack = ack - first & 0xFFFFFFFF
        if flags & SYN:
            peer_first = peer_next = seq + 1
        elif peer_next == seq:
            peer_next += len(segment) - data_offset // 16 * 4 + (flags & FIN)


def stream(begin, length):
    if text:
        return text[begin : begin + length]
    lines = b"".join(b"%015d\n" % offset for offset in range(begin - begin % 16, begin + length, 16))
    return lines[begin % 16 :][:length]


def send_data(begin, length, letter=None):
    global longest
    send(PSH | ACK, begin, letter.encode() * length if letter else stream(begin, length))
    longest = max(longest, begin + length)


for place, word in enumerate(words):
    name, _, value = word.partition("=")
    if name == "syn":
        # an MSS of 1460, and nothing else
        send(SYN, -1, options=b"\2\4\x05\xb4", ack=0)
        if place < len(words) - 1 and not peer_first:
            hear(5, lambda: peer_first)
            send(ACK, 0)
    elif name == "data":
        begin, length, *letter = value.split(",")
        send_data(peer_ack if begin == "+" else int(begin), int(length), *letter)
    elif name == "stray":
        begin, length = map(int, value.split(","))
        send(PSH | ACK, begin, bytes(length))
    elif name == "fill":
        while peer_window:
            send_data(peer_ack, min(peer_window, int(value)))
            hear(0.1)
    elif name == "ack":
        send(ACK, longest, ack=peer_first + int(value) if value else None)
    elif name == "probe":
        send(ACK, int(value))
    elif name == "fin":
        send(FIN | ACK, longest)
        longest += 1
    elif name == "rst":
        send(RST | ACK, longest)
    elif name == "window":
        window = int(value)
    elif name == "sequence":
        first = int(value) + 1
    elif name == "text":
        text = value.replace("_", " ").encode().decode("unicode_escape").encode("latin-1")
    elif name == "wait":
        hear(float(value))
    else:
        sys.exit(f"tcp_puppet.py: {word}: unknown word")
