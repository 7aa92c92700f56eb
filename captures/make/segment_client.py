#!/usr/bin/env python3
"""Sends each of its TEXTs in a segment of its own, 50 ms after the one before, whatever answers come; then waits for the rest
and closes. "+" among the TEXTs waits for longer.

    segment_client.py ADDRESS PORT OWN_PORT TEXT...     (with the escapes of Python)
"""

import socket
import sys
import time

address, port, own_port, *texts = sys.argv[1:]

with socket.create_connection((address, int(port)), source_address=("", int(own_port))) as stream:
    stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for text in texts:
        if text == "+":
            time.sleep(0.3)
        else:
            stream.sendall(text.encode().decode("unicode_escape").encode("latin-1"))
        time.sleep(0.05)
    stream.settimeout(0.5)
    try:
        while stream.recv(65536):
            pass
    except TimeoutError:
        pass
