#!/usr/bin/env python3
"""A web server that shows what HTTP/1.1 can do; it is a proxy, too.

    http_server.py ADDRESS PORT

    /                a page, with an ETag and a date: 304 for who has it already
    /long/BYTES      a text of that length
    /chunks          in chunks, each sent by itself, one of them with an extension; a trailer follows
    /gzip            compressed
    /deflate         compressed otherwise, and in chunks
    /until-close     of a length that nobody tells
    /hints           an answer before the answer (103)
    /private         only for Aladdin, whose password is "open sesame"; a cookie
    /socket          a WebSocket (RFC 6455) that sends back what comes, until it is closed
What is sent by POST or PUT is answered in kind: JSON for JSON, else text. A GET of another host's URL is answered like one of its own;
CONNECT is a way to the machine itself, whatever the name.
"""

import base64
import gzip
import hashlib
import http.server
import json
import select
import socket
import struct
import sys
import time
import zlib

DATE = "Thu, 01 Jan 2026 00:00:00 GMT"
PAGE = b"<!doctype html>\n<title>A page</title>\n<p>It works, across a wire that does not exist.\n"
POEM = b"".join(b"Verse %d: a packet went over a wire, and an answer came back.\n" % verse for verse in range(1, 9))
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def lines(length):
    """A text whose lines tell where in it they are."""
    return b"".join(b"%015d\n" % offset for offset in range(0, length, 16))[:length]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # headers and body in one segment if they fit
    wbufsize = -1
    disable_nagle_algorithm = True

    def version_string(self):
        return "captures"

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        if status != 304:
            headers.setdefault("Content_Type", "text/plain")
            self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def chunk(self, data, extension=b""):
        self.wfile.write(b"%x%s\r\n%s\r\n" % (len(data), extension, data))
        self.wfile.flush()
        time.sleep(0.05)

    def do_GET(self):
        path = self.path.partition("://")[2].partition("/")[2] if "://" in self.path else self.path[1:]
        name, _, argument = path.partition("?")[0].partition("/")
        page = {"": self.page, "until-close": self.until_close}.get(name) or getattr(self, name, None)
        if not page or name.startswith(("do_", "send", "_")):
            self.answer(404, b"nothing here\n")
        elif argument:
            page(int(argument))
        else:
            page()

    do_HEAD = do_GET

    def page(self):
        known = self.headers.get("If-None-Match") == '"first"'
        self.answer(304 if known else 200, b"" if known else PAGE, Content_Type="text/html", ETag='"first"', Last_Modified=DATE)

    def long(self, length):
        self.answer(200, lines(length))

    def chunks(self):
        self.send_response(200)
        for header, value in (("Content-Type", "text/plain"), ("Transfer-Encoding", "chunked"), ("Trailer", "X-Verses")):
            self.send_header(header, value)
        self.end_headers()
        self.wfile.flush()
        self.chunk(b"one ")
        self.chunk(b"two ", b";part=2")
        self.chunk(b"and the rest, which is longer than the others\n")
        self.wfile.write(b"0\r\nX-Verses: 3\r\n\r\n")

    def gzip(self):
        self.answer(200, gzip.compress(POEM, mtime=0), Content_Encoding="gzip", Vary="Accept-Encoding")

    def deflate(self):
        data = zlib.compress(POEM)
        self.send_response(200)
        for header, value in (("Content-Type", "text/plain"), ("Content-Encoding", "deflate"), ("Transfer-Encoding", "chunked")):
            self.send_header(header, value)
        self.end_headers()
        self.chunk(data[:50])
        self.chunk(data[50:])
        self.wfile.write(b"0\r\n\r\n")

    def until_close(self):
        self.send_response(200)
        for header, value in (("Content-Type", "text/plain"), ("Connection", "close")):
            self.send_header(header, value)
        self.end_headers()
        self.wfile.write(POEM)
        self.wfile.flush()
        time.sleep(0.05)
        self.wfile.write(b"And that is all.\n")

    def hints(self):
        self.wfile.write(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload; as=style\r\n\r\n")
        self.wfile.flush()
        time.sleep(0.05)
        self.page()

    def private(self):
        if self.headers.get("Authorization") == "Basic " + base64.b64encode(b"Aladdin:open sesame").decode():
            self.answer(200, b"welcome back\n" if "Cookie" in self.headers else b"welcome\n", Set_Cookie="visits=1; Path=/; HttpOnly")
        else:
            self.answer(401, b"who are you?\n", WWW_Authenticate='Basic realm="captures", charset="UTF-8"')

    def handle_expect_100(self):
        super().handle_expect_100()
        self.wfile.flush()
        return True

    def body(self):
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        data = b""
        while length := int(self.rfile.readline().split(b";")[0], 16):
            data += self.rfile.read(length)
            self.rfile.readline()
        self.rfile.readline()
        return data

    def do_POST(self):
        data = self.body()
        if self.headers.get("Content-Type", "").startswith("application/json"):
            answer = {"you sent": json.loads(data), "bytes": len(data), "ok": True, "next": None}
            self.answer(200, json.dumps(answer, ensure_ascii=False).encode(), Content_Type="application/json")
        else:
            self.answer(201 if self.command == "PUT" else 200, b"%d bytes came\n" % len(data))

    do_PUT = do_PATCH = do_POST

    def do_DELETE(self):
        self.send_response(204)
        self.end_headers()

    def do_OPTIONS(self):
        self.answer(200, Allow="GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, TRACE, CONNECT")

    def do_CONNECT(self):
        self.close_connection = True
        with socket.create_connection(("127.0.0.1", int(self.path.rpartition(":")[2]))) as other:
            self.send_response_only(200, "Connection established")
            self.end_headers()
            self.wfile.flush()
            ends = [self.connection, other]
            while True:
                for end in select.select(ends, [], [])[0]:
                    data = end.recv(65536)
                    if not data:
                        return
                    ends[end is self.connection].sendall(data)

    def socket(self):
        key = self.headers["Sec-WebSocket-Key"].encode()
        self.send_response(101)
        accept = base64.b64encode(hashlib.sha1(key + GUID).digest()).decode()
        for header, value in (("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", accept)):
            self.send_header(header, value)
        self.end_headers()
        self.wfile.flush()
        self.close_connection = True
        opcode = None
        while opcode != 8 and (head := self.rfile.read(2)):
            opcode, length = head[0] % 16, head[1] % 128
            if length == 126:
                (length,) = struct.unpack("!H", self.rfile.read(2))
            mask = self.rfile.read(4)
            data = bytes(byte ^ mask[place % 4] for place, byte in enumerate(self.rfile.read(length)))
            # a ping is answered by a pong, all else by itself
            first = head[0] + 1 if opcode == 9 else head[0]
            size = struct.pack("!B", length) if length < 126 else struct.pack("!BH", 126, length)
            self.wfile.write(bytes([first]) + size + data)
            self.wfile.flush()


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True


Server((sys.argv[1], int(sys.argv[2])), Handler).serve_forever()
