#!/usr/bin/env python3
"""The client of uppercase_server.py: connects, sends lines one by one, prints each answer, and closes.

    uppercase_client.py ADDRESS PORT OWN_PORT LINE...
"""

import socket
import sys
import time

address, port, own_port, lines = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]

with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as connection:
    # The port may still be in TIME_WAIT from another server.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    connection.bind(("", own_port))
    connection.connect((address, port))
    answers = connection.makefile("r")
    for line in lines:
        connection.sendall((line + "\n").encode())
        print(answers.readline(), end="")
        time.sleep(0.05)
