#!/usr/bin/env python3
"""A VLAN interface in user space, for kernels without the 8021q module.

    vlan_tagger.py DEVICE TAP TAG...

Makes the Ethernet interface TAP. What is sent there goes out through DEVICE with the VLAN tags in front, outermost first;
of what DEVICE receives, the frames with just these tags reach TAP, without them. A TAG is TYPE:NUMBER[:PRIORITY], where
TYPE is 8100 (802.1Q, customer tag) or 88a8 (802.1ad, service tag): "88a8:100 8100:10:5".
"""

import fcntl
import select
import socket
import struct
import sys

TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 0x0002, 0x1000
ETH_P_ALL = 0x0003
SOL_PACKET, PACKET_ADD_MEMBERSHIP, PACKET_AUXDATA, PACKET_MR_PROMISC = 263, 1, 8, 1
TP_STATUS_VLAN_VALID = 0x10

device, tap_name, *tags = sys.argv[1:]
wanted = []
for tag in tags:
    kind, number, *priority = tag.split(":")
    wanted.append(struct.pack("!HH", int(kind, 16), int(priority[0] if priority else 0) << 13 | int(number)))
prefix = b"".join(wanted)
# Other priorities of the same VLAN are welcome.
without_priority = b"".join(tag[:2] + bytes([tag[2] & 0x0F]) + tag[3:] for tag in wanted)

tap = open("/dev/net/tun", "r+b", buffering=0)
fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", tap_name.encode(), IFF_TAP | IFF_NO_PI))

wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
wire.bind((device, ETH_P_ALL))
wire.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
wire.setsockopt(
    SOL_PACKET,
    PACKET_ADD_MEMBERSHIP,
    struct.pack("iHH8x", socket.if_nametoindex(device), PACKET_MR_PROMISC, 0),
)


def receive_tagged():
    """A frame as it was on the wire: the kernel takes the outermost tag off and tells it in the ancillary data."""
    frame, ancillary, _, sender = wire.recvmsg(65535, 256)
    for level, kind, data in ancillary:
        if (level, kind) == (SOL_PACKET, PACKET_AUXDATA):
            status, _, _, _, _, tag, tag_type = struct.unpack("IIIHHHH", data[:20])
            if status & TP_STATUS_VLAN_VALID:
                frame = frame[:12] + struct.pack("!HH", tag_type, tag) + frame[12:]
    return frame, sender


while True:
    readable, _, _ = select.select([tap, wire], [], [])
    if tap in readable:
        frame = tap.read(65535)
        wire.send(frame[:12] + prefix + frame[12:])
    if wire in readable:
        frame, sender = receive_tagged()
        found = frame[12 : 12 + len(prefix)]
        found = b"".join(found[i : i + 2] + bytes([found[i + 2] & 0x0F]) + found[i + 3 : i + 4] for i in range(0, len(found) - 3, 4))
        if sender[2] != socket.PACKET_OUTGOING and found == without_priority:
            tap.write(frame[:12] + frame[12 + len(prefix) :])
