#!/usr/bin/env python3
"""Takes out of pcapng files what tells of the machine that captured them.

    pcapng_without_machine.py FILE...

The options shb_hardware and shb_os of the section header and if_os of the interface descriptions go; everything else
stays as it is, byte for byte.
"""

import struct
import sys

SECTION_HEADER, INTERFACE_DESCRIPTION = 0x0A0D0D0A, 1
SHB_HARDWARE, SHB_OS, IF_OS = 2, 3, 12

# Block type: where its options begin, and which of them go.
UNWANTED = {SECTION_HEADER: (24, {SHB_HARDWARE, SHB_OS}), INTERFACE_DESCRIPTION: (16, {IF_OS})}


def without_machine(data):
    result, position, order = [], 0, "<"
    while position < len(data):
        if data[position : position + 4] == b"\x0a\x0d\x0d\x0a":
            order = "<" if data[position + 8 : position + 12] == b"\x4d\x3c\x2b\x1a" else ">"
        kind, length = struct.unpack_from(order + "II", data, position)
        block = data[position : position + length]
        if kind in UNWANTED:
            start, unwanted = UNWANTED[kind]
            kept = options_but(block[start:-4], unwanted, order)
            length = start + len(kept) + 4
            size = struct.pack(order + "I", length)
            block = block[:4] + size + block[8:start] + kept + size
        result.append(block)
        position += len(data[position : position + struct.unpack_from(order + "I", data, position + 4)[0]])
    return b"".join(result)


def options_but(options, unwanted, order):
    kept, position = b"", 0
    while position < len(options):
        code, length = struct.unpack_from(order + "HH", options, position)
        end = position + 4 + (length + 3) // 4 * 4
        if code not in unwanted:
            kept += options[position:end]
        position = end
    return kept


for path in sys.argv[1:]:
    with open(path, "rb") as file:
        captured = file.read()
    with open(path, "wb") as file:
        file.write(without_machine(captured))
