#!/usr/bin/env python3
"""Two peers who send each other datagrams.

    datagram_chat.py listen ADDRESS PORT                   answers each datagram with its text reversed, for ever
    datagram_chat.py say ADDRESS PORT OWN_PORT TEXT...     sends each text and waits for its answer
    datagram_chat.py shout ADDRESS PORT OWN_PORT TEXT...   sends each text and waits for nothing
"""

import socket
import sys
import time

verb, address, port, *rest = sys.argv[1:]

with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as peer:
    if verb == "listen":
        peer.bind((address, int(port)))
        while True:
            datagram, sender = peer.recvfrom(65535)
            peer.sendto(datagram.decode()[::-1].encode(), sender)
    own_port, *texts = rest
    peer.bind(("", int(own_port)))
    for text in texts:
        peer.sendto(text.encode(), (address, int(port)))
        if verb == "say":
            print(peer.recv(65535).decode())
        time.sleep(0.05)
