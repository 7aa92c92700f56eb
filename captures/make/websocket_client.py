#!/usr/bin/env python3
"""A WebSocket (RFC 6455) to a server that sends everything back: texts of three lengths, bytes, a message in parts with a ping
between them, two frames in one segment; then it is closed, with a reason.

    websocket_client.py ADDRESS PORT OWN_PORT
"""

import base64
import socket
import struct
import sys
import time

TEXT, BYTES, MORE, CLOSE, PING = 1, 2, 0, 8, 9
MASK = b"\x37\xfa\x21\x3d"

address, port, own_port = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


def frame(opcode, data, last=True):
    size = struct.pack("!B", 128 | len(data)) if len(data) < 126 else struct.pack("!BH", 128 | 126, len(data))
    masked = bytes(byte ^ MASK[place % 4] for place, byte in enumerate(data))
    return bytes([last << 7 | opcode]) + size + MASK + masked


with socket.create_connection((address, port), source_address=("", own_port)) as stream:
    stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    key = base64.b64encode(b"the sample nonce").decode()
    stream.sendall(
        f"GET /socket HTTP/1.1\r\nHost: server.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    stream.recv(65536)
    long_text = "".join("%015d\n" % offset for offset in range(0, 320, 16)).encode()
    for data in (
        frame(TEXT, b"hello"),
        frame(TEXT, "你好".encode()) + frame(TEXT, b""),
        frame(BYTES, bytes(range(16))),
        frame(TEXT, b"in three ", False),
        frame(PING, b"still there?"),
        frame(MORE, b"parts, ", False) + frame(MORE, b"the last"),
        frame(TEXT, long_text),
        frame(CLOSE, struct.pack("!H", 1000) + b"that is all"),
    ):
        stream.sendall(data)
        time.sleep(0.05)
        stream.recv(65536)
    while stream.recv(65536):
        pass
