#!/usr/bin/env python3
"""One end of a TCP connection that plays its part, word by word.

    tcp_player.py serve ADDRESS PORT WORD...             accepts one connection
    tcp_player.py call ADDRESS PORT OWN_PORT WORD...     connects

Words for the kernel, before there is a connection:
    mss=BYTES           the largest segment, options included (the client's binds both ends)
    receive-buffer=BYTES
    sequence=NUMBER     that of the client's SYN
    keep-alive=SECONDS,PROBES
    fast-open           the client's first send goes with the SYN; the server is ready for that
    no-delay            nothing waits to be joined with what is sent next
    at=TIME             connects at this time, in seconds since 1970
What is done on the connection, one after the other:
    send=BYTES          lines of 16 bytes, numbered throughout the connection
    text=TEXT           with the escapes of Python
    read=BYTES          waits for so many; read=all: until the other has closed its direction
    wait=SECONDS
    half-close          sends a FIN
    reset               throws the connection away, with a RST
Then it is closed. A connection that fails is no failure here: many are meant to.
"""

import socket
import struct
import sys
import time

TCP_REPAIR, TCP_REPAIR_QUEUE, TCP_QUEUE_SEQ, TCP_FASTOPEN = 19, 20, 21, 23
SEND_QUEUE = 2
TCP = socket.IPPROTO_TCP


def set_keep_alive(end, value):
    seconds, probes = map(int, value.split(","))
    end.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    end.setsockopt(TCP, socket.TCP_KEEPIDLE, seconds)
    end.setsockopt(TCP, socket.TCP_KEEPINTVL, seconds)
    end.setsockopt(TCP, socket.TCP_KEEPCNT, probes)


def set_sequence(end, value):
    """Repair mode lets a program say what the kernel would draw by lot."""
    end.setsockopt(TCP, TCP_REPAIR, 1)
    end.setsockopt(TCP, TCP_REPAIR_QUEUE, SEND_QUEUE)
    end.setsockopt(TCP, TCP_QUEUE_SEQ, struct.pack("=I", int(value)))
    end.setsockopt(TCP, TCP_REPAIR, 0)
    # leaving that mode takes it away
    end.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)


PREPARATIONS = {
    "mss": lambda end, value: end.setsockopt(TCP, socket.TCP_MAXSEG, int(value)),
    "receive-buffer": lambda end, value: end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, int(value)),
    "sequence": set_sequence,
    "keep-alive": set_keep_alive,
    "fast-open": lambda end, _: verb == "serve" and end.setsockopt(TCP, TCP_FASTOPEN, 5),
    "no-delay": lambda end, _: end.setsockopt(TCP, socket.TCP_NODELAY, 1),
    "at": lambda _, value: time.sleep(max(0, float(value) - time.time())),
}


def read(connection, value):
    missing = float("inf") if value == "all" else int(value)
    while missing > 0 and (data := connection.recv(min(missing, 65536))):
        missing -= len(data)


def reset(connection, _):
    # Lingering for zero seconds: what is unsent is thrown away, and so is the connection.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


DEEDS = {
    "send": lambda connection, value: connection.sendall(lines(int(value))),
    "text": lambda connection, value: connection.sendall(value.encode().decode("unicode_escape").encode("latin-1")),
    "read": read,
    "wait": lambda _, value: time.sleep(float(value)),
    "half-close": lambda connection, _: connection.shutdown(socket.SHUT_WR),
    "reset": reset,
}

sent = 0


def lines(length):
    """The next bytes of an endless text whose lines tell where in it they are."""
    global sent
    begin, sent = sent, sent + length
    text = b"".join(b"%015d\n" % offset for offset in range(begin - begin % 16, sent, 16))
    return text[begin % 16 :][:length]


def play(connection, words):
    try:
        for name, value in words:
            DEEDS[name](connection, value)
    except OSError as error:
        print(error)
    connection.close()


verb, address, port, *words = sys.argv[1:]
address = (address, int(port))
own_port = int(words.pop(0)) if verb == "call" else None
words = [tuple(word.partition("=")[::2]) for word in words]
preparations = [word for word in words if word[0] in PREPARATIONS]
words = [word for word in words if word not in preparations]

with socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET) as end:
    end.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    end.bind(address if verb == "serve" else ("", own_port))
    for name, value in preparations:
        PREPARATIONS[name](end, value)
    if verb == "serve":
        end.listen()
        play(end.accept()[0], words)
    else:
        try:
            if ("fast-open", "") in preparations:
                end.sendto(lines(int(words.pop(0)[1])), socket.MSG_FASTOPEN, address)
            else:
                end.connect(address)
        except OSError as error:
            sys.exit(print(error))
        play(end, words)
