#!/usr/bin/env python3
"""Joins multicast groups, one after the other, stays a while, and leaves them again.

    multicast_member.py INTERFACE SECONDS GROUP[@SOURCE]...

With a SOURCE only what that one sends is wanted (IGMPv3, MLDv2).
"""

import ipaddress
import socket
import struct
import sys
import time

MCAST_JOIN_GROUP, MCAST_LEAVE_GROUP, MCAST_JOIN_SOURCE_GROUP = 42, 45, 46

interface, seconds, *groups = sys.argv[1:]
index = socket.if_nametoindex(interface)


def socket_address(text):
    """A struct sockaddr_storage."""
    address = ipaddress.ip_address(text)
    if address.version == 4:
        return struct.pack("=HH4s120x", socket.AF_INET, 0, address.packed)
    return struct.pack("=HHI16sI100x", socket.AF_INET6, 0, 0, address.packed, 0)


members = []
for group in groups:
    group, _, source = group.partition("@")
    level, family = (socket.IPPROTO_IPV6, socket.AF_INET6) if ":" in group else (socket.IPPROTO_IP, socket.AF_INET)
    member = socket.socket(family, socket.SOCK_DGRAM)
    request = struct.pack("=I4x", index) + socket_address(group)
    if source:
        member.setsockopt(level, MCAST_JOIN_SOURCE_GROUP, request + socket_address(source))
    else:
        member.setsockopt(level, MCAST_JOIN_GROUP, request)
    members.append((member, level, request))
    time.sleep(0.2)

time.sleep(float(seconds))
for member, level, request in members:
    member.setsockopt(level, MCAST_LEAVE_GROUP, request)
    time.sleep(0.2)
