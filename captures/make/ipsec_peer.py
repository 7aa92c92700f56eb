#!/usr/bin/env python3
"""One end of an IPsec connection in user space, for kernels without ESP and AH.

    ipsec_peer.py TUN DEVICE OWN_ADDRESS PEER_ADDRESS MODE PROTOCOL CIPHER SPI

What is routed into the interface TUN goes to the peer, protected; what the peer sends comes out of TUN. MODE is tunnel or
transport. PROTOCOL is esp (RFC 4303) with CIPHER null (RFC 2410) or aes (AES-128-CBC, RFC 3602), or ah (RFC 4302) with CIPHER
none. Each is authenticated with HMAC-SHA1-96 (RFC 2404). Both directions use the same SPI and the same keys, which are below
for everybody to see. AES is that of the program openssl.
"""

import fcntl
import hashlib
import hmac
import os
import select
import socket
import struct
import subprocess
import sys

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
IPIP, ESP, AH = 4, 50, 51
AUTHENTICATION_KEY = bytes(range(20))
ENCRYPTION_KEY = bytes(range(16))
ICV_LENGTH = 12

tun_name, device, own, peer, mode, protocol, cipher, spi = sys.argv[1:]
spi = int(spi, 0)
own_address, peer_address = socket.inet_aton(own), socket.inet_aton(peer)


def icv(data):
    return hmac.new(AUTHENTICATION_KEY, data, hashlib.sha1).digest()[:ICV_LENGTH]


def aes(direction, vector, data):
    command = ["openssl", "enc", "-aes-128-cbc", direction, "-nopad", "-K", ENCRYPTION_KEY.hex(), "-iv", vector.hex()]
    return subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True).stdout


def checksum(header):
    total = sum(struct.unpack(f"!{len(header) // 2}H", header))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ip_header(length, number, ttl, next_protocol, source, destination):
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + length, number, 0, ttl, next_protocol, 0, source, destination)
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:]


def esp(payload, next_protocol, number):
    vector = os.urandom(16) if cipher == "aes" else b""
    block = 16 if cipher == "aes" else 4
    padding = -(len(payload) + 2) % block
    payload += bytes(range(1, padding + 1)) + bytes([padding, next_protocol])
    protected = struct.pack("!II", spi, number) + vector + (aes("-e", vector, payload) if vector else payload)
    return protected + icv(protected)


def ah(payload, next_protocol, number):
    """The whole packet: the code covers the IP header too, but for what changes on the way (TOS, flags, TTL, checksum)."""
    header = struct.pack("!BBHII", next_protocol, (12 + ICV_LENGTH) // 4 - 2, 0, spi, number)
    length = len(header) + ICV_LENGTH + len(payload)
    ip = ip_header(length, number, 64, AH, own_address, peer_address)
    steady = ip[:1] + b"\0" + ip[2:6] + b"\0\0\0" + ip[9:10] + b"\0\0" + ip[12:]
    return ip + header + icv(steady + header + bytes(ICV_LENGTH) + payload) + payload


def protect(packet, number):
    payload, next_protocol = (packet, IPIP) if mode == "tunnel" else (packet[20:], packet[9])
    if protocol == "ah":
        return ah(payload, next_protocol, number)
    payload = esp(payload, next_protocol, number)
    return ip_header(len(payload), number, 64, ESP, own_address, peer_address) + payload


def unprotect(packet):
    ip, packet = packet[:20], packet[20:]
    if protocol == "ah":
        next_protocol, payload = packet[0], packet[12 + ICV_LENGTH :]
    else:
        if icv(packet[:-ICV_LENGTH]) != packet[-ICV_LENGTH:]:
            return None
        payload = packet[8:-ICV_LENGTH]
        if cipher == "aes":
            payload = aes("-d", payload[:16], payload[16:])
        padding, next_protocol = payload[-2:]
        payload = payload[: -2 - padding]
    if mode == "tunnel":
        return payload
    number, ttl = struct.unpack("!H", ip[4:6])[0], ip[8]
    return ip_header(len(payload), number, ttl, next_protocol, ip[12:16], ip[16:20]) + payload


tun = open("/dev/net/tun", "r+b", buffering=0)
fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", tun_name.encode(), IFF_TUN | IFF_NO_PI))
wire = socket.socket(socket.AF_INET, socket.SOCK_RAW, AH if protocol == "ah" else ESP)
wire.setsockopt(socket.IPPROTO_IP, socket.IP_HDRINCL, 1)
wire.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device.encode())

sent = 0
while True:
    readable, _, _ = select.select([tun, wire], [], [])
    if tun in readable:
        packet = tun.read(65535)
        if packet[0] >> 4 == 4:
            sent += 1
            wire.sendto(protect(packet, sent), (peer, 0))
    if wire in readable:
        packet = wire.recv(65535)
        # another connection may have the same protocol
        if struct.unpack_from("!I", packet, 24 if protocol == "ah" else 20)[0] == spi and (packet := unprotect(packet)):
            tun.write(packet)
