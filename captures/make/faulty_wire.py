#!/usr/bin/env python3
"""A wire with faults: carries frames between two interfaces, each of them a few milliseconds late, but the packets of TCP that a
fault names are lost, late, overtaken or doubled. Each time the same ones, which no random loss would give.

    faulty_wire.py LEFT RIGHT DELAY_MS [FAULT...]

FAULT is "FROM PACKET WHAT", for example "left data 400 lose 2". FROM is left or right: where the packet comes from. PACKET is
one of
    syn, fin        the segment with this flag
    data OFFSET     the segment with data that begins so many bytes after the first of its direction
    ack OFFSET      the acknowledgement without data of all bytes before this one ("*": each)
WHAT is one of
    lose [N]        the first N of them (1 unless told) are lost; "lose 2-5": the second to the fifth
    double          the first arrives twice
    late MS         the first comes so many milliseconds later than it should
    overtaken N     the first is passed by N other packets of its direction
Ready when it has printed a line.
"""

import heapq
import itertools
import select
import socket
import struct
import sys
import time

ETH_P_ALL, ETH_P_IP, ETH_P_IPV6, TCP = 3, 0x0800, 0x86DD, 6
SOL_PACKET, PACKET_ADD_MEMBERSHIP, PACKET_MR_PROMISC, PACKET_IGNORE_OUTGOING = 263, 1, 1, 23
FIN, SYN, RST = 1, 2, 4


class Side:
    """One end of the wire, and what is known of the connection in this direction."""

    def __init__(self, interface):
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.socket.bind((interface, 0))
        self.socket.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        membership = struct.pack("iHH8x", socket.if_nametoindex(interface), PACKET_MR_PROMISC, 0)
        self.socket.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP, membership)
        self.peer = None
        self.first = 0
        self.faults = []
        self.overtaken = []

    def names(self, frame):
        """What faults may call this frame."""
        (ether_type,) = struct.unpack_from("!H", frame, 12)
        if ether_type == ETH_P_IP and frame[23] == TCP:
            start, (length,) = 14 + frame[14] % 16 * 4, struct.unpack_from("!H", frame, 16)
            end = 14 + length
        elif ether_type == ETH_P_IPV6 and frame[20] == TCP:
            start, (length,) = 54, struct.unpack_from("!H", frame, 18)
            end = 54 + length
        else:
            return []
        seq, ack, offset, flags = struct.unpack_from("!IIBB", frame, start + 4)
        if flags & SYN:
            self.first = seq + 1
            return ["syn"]
        found = ["fin"] if flags & FIN else []
        if end > start + offset // 16 * 4:
            found.append(f"data {seq - self.first & 0xFFFFFFFF}")
        elif not flags & (FIN | RST):
            found += [f"ack {ack - self.peer.first & 0xFFFFFFFF}", "ack *"]
        return found

    def fault(self, frame):
        names = self.names(frame)
        for fault in self.faults:
            if fault.packet in names:
                fault.met += 1
                if fault.begin <= fault.met <= fault.end:
                    return fault
        return None


class Fault:
    def __init__(self, words):
        length = 1 if words[0] in ("syn", "fin") else 2
        self.packet = " ".join(words[:length])
        self.what, number, *_ = words[length:] + ["1"]
        self.met, self.begin, self.end = 0, 1, 1
        if self.what == "lose":
            *begin, self.end = map(int, number.split("-"))
            self.begin = begin[0] if begin else 1
        else:
            self.number = int(number)


def carry(side, frame):
    fault = side.fault(frame)
    wait = delay
    if fault and fault.what == "lose":
        return
    if fault and fault.what == "overtaken":
        side.overtaken.append([fault.number, frame])
        return
    if fault and fault.what == "late":
        wait += fault.number / 1000
    send_later(side, frame, wait)
    if fault and fault.what == "double":
        send_later(side, frame, wait)
    for entry in side.overtaken:
        entry[0] -= 1
        if entry[0] == 0:
            send_later(side, entry[1], wait)
    side.overtaken = [entry for entry in side.overtaken if entry[0] > 0]


def send_later(side, frame, wait):
    heapq.heappush(waiting, (time.monotonic() + wait, next(order), side.peer, frame))


left, right = Side(sys.argv[1]), Side(sys.argv[2])
left.peer, right.peer = right, left
delay = float(sys.argv[3]) / 1000
for text in sys.argv[4:]:
    origin, *words = text.split()
    {"left": left, "right": right}[origin].faults.append(Fault(words))
waiting, order = [], itertools.count()
print("ready", flush=True)

while True:
    timeout = max(0, waiting[0][0] - time.monotonic()) if waiting else None
    readable, _, _ = select.select([left.socket, right.socket], [], [], timeout)
    for side in (left, right):
        if side.socket in readable:
            carry(side, side.socket.recv(65536))
    while waiting and waiting[0][0] <= time.monotonic():
        _, _, side, frame = heapq.heappop(waiting)
        side.socket.send(frame)
