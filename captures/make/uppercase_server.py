#!/usr/bin/env python3
"""The first server of every book on sockets: sends back, in capitals, each line that it gets.

    uppercase_server.py ADDRESS PORT [CONNECTIONS]     (one connection after the other; 1 unless told)
"""

import socket
import sys
import time

address, port = sys.argv[1], int(sys.argv[2])
connections = int(sys.argv[3]) if len(sys.argv) > 3 else 1

with socket.create_server((address, port)) as listener:
    for _ in range(connections):
        connection, _ = listener.accept()
        with connection, connection.makefile("rwb") as lines:
            for line in lines:
                lines.write(line.decode().upper().encode())
                lines.flush()
            # The client has closed. Answering at once would put our FIN and the acknowledgement of theirs into one segment.
            time.sleep(0.25)
