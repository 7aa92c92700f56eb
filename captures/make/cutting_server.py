#!/usr/bin/env python3
"""A server that accepts a connection, reads once, and cuts it off with a reset instead of closing it.

    cutting_server.py ADDRESS PORT
"""

import socket
import struct
import sys

with socket.create_server((sys.argv[1], int(sys.argv[2]))) as listener:
    connection, _ = listener.accept()
    connection.recv(1000)
    # Lingering for zero seconds: what is unsent is thrown away, and so is the connection.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
