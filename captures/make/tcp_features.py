#!/usr/bin/env python3
"""A TCP server and its client that ask the kernel for what TCP can do beyond the ordinary.

    tcp_features.py serve FEATURE ADDRESS PORT [PEER]              one connection; reads to the end, tells how many bytes came
    tcp_features.py call FEATURE ADDRESS PORT OWN_PORT [BYTES]     sends so many bytes, closes its direction, reads the answer

FEATURE is one of
    plain
    fast-open     data in the SYN, once the server has given a cookie (RFC 7413; net.ipv4.tcp_fastopen=3)
    signed        each segment bears an MD5 signature (RFC 2385); the server needs PEER's address
    multipath     MPTCP (RFC 8684)
    slow-reader   the server's buffer is small, and it waits for two seconds before it reads
    keep-alive    the client waits for three seconds before it sends, and its kernel asks each second whether the server still lives
    urgent        the last byte is urgent
"""

import socket
import struct
import sys
import time

IPPROTO_MPTCP, TCP_MD5SIG, TCP_FASTOPEN = 262, 14, 23
KEY = b"a secret of both"

verb, feature, address, port, *rest = sys.argv[1:]


def new_socket():
    return socket.socket(socket.AF_INET, socket.SOCK_STREAM, IPPROTO_MPTCP if feature == "multipath" else 0)


def sign(stream, peer):
    """struct tcp_md5sig: address, flags, prefix length, key length, interface index, key."""
    peer_address = struct.pack("=HH4s120x", socket.AF_INET, 0, socket.inet_aton(peer))
    stream.setsockopt(socket.IPPROTO_TCP, TCP_MD5SIG, peer_address + struct.pack("=BBHi80s", 0, 0, len(KEY), 0, KEY))


def serve():
    with new_socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if feature == "fast-open":
            listener.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN, 5)
        if feature == "signed":
            sign(listener, rest[0])
        if feature == "slow-reader":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        # the other paths lead to other addresses
        listener.bind(("" if feature == "multipath" else address, int(port)))
        listener.listen()
        connection, _ = listener.accept()
        with connection:
            if feature == "slow-reader":
                time.sleep(2)
            received = 0
            while data := connection.recv(65536):
                received += len(data)
            connection.sendall(b"%d bytes came\n" % received)


def call():
    own_port = int(rest[0])
    data = (b"0123456789abcde\n" * 4096)[: int(rest[1])] if len(rest) > 1 else b"hello"
    with new_socket() as stream:
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        stream.bind(("", own_port))
        if feature == "signed":
            sign(stream, address)
        if feature == "keep-alive":
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 1)
            stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1)
        if feature == "fast-open":
            stream.sendto(data, socket.MSG_FASTOPEN, (address, int(port)))
        else:
            stream.connect((address, int(port)))
            if feature == "multipath":
                # time for the second path
                time.sleep(0.3)
            if feature == "keep-alive":
                time.sleep(3)
            if feature == "urgent":
                stream.sendall(data[:-1])
                stream.send(data[-1:], socket.MSG_OOB)
            else:
                stream.sendall(data)
        stream.shutdown(socket.SHUT_WR)
        print(stream.makefile().read(), end="")


{"serve": serve, "call": call}[verb]()
