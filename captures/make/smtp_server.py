#!/usr/bin/env python3
"""A mail server that throws all mail away. It knows STARTTLS (RFC 3207), and no recipient whose name is "nobody".

    smtp_server.py ADDRESS PORT CERTIFICATE KEY     (one connection after the other)
"""

import socket
import ssl
import sys

address, port, certificate, key = sys.argv[1:]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)

ANSWERS = {
    "MAIL": "250 2.1.0 Ok",
    "RSET": "250 2.0.0 Ok",
    "NOOP": "250 2.0.0 Ok",
    "AUTH": "235 2.7.0 Authentication successful",
    "VRFY": "252 2.0.0 Nobody knows",
}


def serve(connection):
    lines = connection.makefile("rb")
    secure = False

    def say(*answer):
        connection.sendall("".join(line + "\r\n" for line in answer).encode())

    say("220 mail.example ESMTP")
    while line := lines.readline():
        word = line[:4].decode().upper()
        if word == "EHLO":
            offers = ["AUTH PLAIN LOGIN"] if secure else ["STARTTLS"]
            say("250-mail.example", "250-PIPELINING", "250-SIZE 10240000", *("250-" + offer for offer in offers), "250 8BITMIME")
        elif word == "HELO":
            say("250 mail.example")
        elif word == "STAR" and not secure:
            say("220 2.0.0 Ready to start TLS")
            connection = context.wrap_socket(connection, server_side=True)
            lines, secure = connection.makefile("rb"), True
        elif word == "RCPT":
            say("550 5.1.1 No such user" if b"nobody" in line else "250 2.1.5 Ok")
        elif word == "DATA":
            say("354 End data with <CR><LF>.<CR><LF>")
            while lines.readline() != b".\r\n":
                pass
            say("250 2.0.0 Ok: queued")
        elif word == "QUIT":
            say("221 2.0.0 Bye")
            break
        else:
            say(ANSWERS.get(word, "500 5.5.2 Error: command not recognized"))
    connection.close()


with socket.create_server((address, int(port))) as listener:
    while True:
        serve(listener.accept()[0])
