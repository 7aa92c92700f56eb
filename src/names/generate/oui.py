#!/usr/bin/env python3
"""Makes data/oui_names.txt and data/oui_index.bin from the IEEE's registry of 24-bit identifiers (MA-L).

    oui.py SOURCE OUTPUT_DIRECTORY

SOURCE is one of
    oui.csv      as at https://standards-oui.ieee.org/oui/oui.csv, or from Debian's package ieee-data
    oui.txt      the same registry in its other form
    index.json   from the npm package `oui-data` (the same registry, BSD-2-Clause)

Names are trimmed of what the registry's typists left in: repeated white space, spaces before commas and stops, HTML
entities; a name written in capitals throughout is written in title case; names are cut at 63 bytes. This is how
Wireshark shows the registry's names, so that both read alike.

oui_names.txt holds each name once, a name to a line, sorted. oui_index.bin holds, for each identifier in order, three
bytes of identifier (big-endian) and three bytes of where its name starts in oui_names.txt (little-endian).
"""

import csv
import html
import json
import pathlib
import re
import sys

LONGEST_NAME = 63


def main(source, output):
    registry = {oui: tidy(name) for oui, name in read(pathlib.Path(source)).items()}
    starts, pool = {}, b""
    for name in sorted(set(registry.values())):
        starts[name] = len(pool)
        pool += name.encode() + b"\n"
    assert len(pool) < 1 << 24
    index = b"".join(
        oui.to_bytes(3, "big") + starts[name].to_bytes(3, "little") for oui, name in sorted(registry.items())
    )
    output = pathlib.Path(output)
    (output / "oui_names.txt").write_bytes(pool)
    (output / "oui_index.bin").write_bytes(index)
    print(f"{len(registry)} identifiers, {len(starts)} names, {len(index) + len(pool)} bytes")


def read(source):
    """Returns identifier → name; of an identifier that is listed twice, the first."""
    rows = []
    if source.suffix == ".json":
        rows = [(key, text.split("\n")[0]) for key, text in json.loads(source.read_text("utf-8")).items()]
    elif source.suffix == ".csv":
        with source.open(encoding="utf-8", newline="") as file:
            rows = [(row["Assignment"], row["Organization Name"]) for row in csv.DictReader(file)]
    else:
        rows = re.findall(r"^([0-9A-F]{6}) +\(base 16\)\s+(.*)$", source.read_text("utf-8"), re.MULTILINE)
    registry = {}
    for key, name in rows:
        if len(key) == 6 and name.strip():
            registry.setdefault(int(key, 16), name)
    return registry


def tidy(name):
    name = " ".join(html.unescape(name).split())
    name = re.sub(r" ([.,])", r"\1", name)
    if name == name.upper():
        name = name.title()
    return name.encode()[:LONGEST_NAME].decode("utf-8", "ignore")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
