#!/usr/bin/env bash
# Packets as fast as one machine can send them to itself: all are written, and at 100,000 a second all are listed. Where nobody takes the
# file itself, what is lost is not laid at the kernel's door.

source "$(dirname "$0")/common.sh"

host alice
host bob
wire alice eth0 bob eth0
address bob eth0 192.0.2.2/24
count=100000

# Datagrams of different lengths, 450 bytes on average, to a host that is there and a port that is not.
python3 - $count "$scratch/flood.pcap" <<'END'
import struct, sys
count = int(sys.argv[1])
with open(sys.argv[2], "wb") as out:
    out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    for number in range(count):
        length = 20 + number * 7919 % 800
        ports = struct.pack(">HHHH", 1024 + number % 60000, 9, 8 + length, 0)
        header = bytearray(struct.pack(">BBHHHBBH4s4s", 0x45, 0, 28 + length, number % 65536, 0, 64, 17, 0,
                                       bytes([192, 0, 2, 1]), bytes([192, 0, 2, 2])))
        total = sum(struct.unpack(">10H", header))
        total = (total & 0xFFFF) + (total >> 16)
        struct.pack_into(">H", header, 10, ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF)
        # Nobody has this address: the packets are seen and not answered.
        frame = bytes.fromhex("00005e0053fe00005e005301 0800") + header + ports + struct.pack(">I", number) * (length // 4)
        frame += bytes(length % 4)
        out.write(struct.pack("<IIII", 0, 0, len(frame), len(frame)) + frame)
END

start written bob -i eth0 -w "$scratch/written.pcapng" -f 'udp port 9'
on alice tcpreplay --quiet --topspeed --intf1=eth0 "$scratch/flood.pcap" >"$scratch/tcpreplay.log" 2>&1
grep 'Rated' "$scratch/tcpreplay.log"
stop written
expect 'as fast as it goes, dropped' "$(dropped written)" -eq 0
expect 'captured' "$(captured written)" -eq $count
expect 'written' "$(packets "$scratch/written.pcapng")" -eq $count
if cmp <(contents "$scratch/flood.pcap") <(contents "$scratch/written.pcapng"); then
    echo 'what was sent was written'
else
    failures=$((failures + 1))
fi

start listed bob -i eth0 -f 'udp port 9'
on alice tcpreplay --quiet --pps=100000 --intf1=eth0 "$scratch/flood.pcap" >"$scratch/tcpreplay.log" 2>&1
grep 'Rated' "$scratch/tcpreplay.log"
stop listed
expect '100,000 packets/s, dropped' "$(dropped listed)" -eq 0
expect 'captured' "$(captured listed)" -eq $count
expect 'lines' "$(lines "$scratch/listed.out")" -eq $count

# The file goes into a pipe that is not read before everything was sent: 64 MiB and the buffer in the kernel wait, the rest is lost.
mkfifo "$scratch/pipe"
exec 8<>"$scratch/pipe"
ip netns exec "$namespace_prefix-bob" "$sniff" -i eth0 -B 8 -w - -f 'udp port 9' >"$scratch/pipe" 2>"$scratch/late.err" 8<&- &
running[late]=$!
background_processes+=($!)
await grep --quiet 'capturing on' "$scratch/late.err"
on alice tcpreplay --quiet --pps=100000 --loop=3 --intf1=eth0 "$scratch/flood.pcap" >"$scratch/tcpreplay.log" 2>&1
grep 'Rated' "$scratch/tcpreplay.log"
# The pipe has a reader at every moment: without one the capture would end.
exec 9<"$scratch/pipe"
cat <&9 >"$scratch/late.pcapng" 8<&- &
reader=$!
exec 8<&- 9<&-
stop late
wait "$reader"
own=$(awk '/ dropped because sniff was too slow/ { print $1 }' "$scratch/late.err")
expect 'a file that nobody takes, dropped by kernel' "$(dropped late)" -eq 0
expect 'dropped by sniff' "$own" -ge $count
expect 'captured or dropped' $(($(captured late) + own)) -eq $((3 * count))
expect 'captured' "$(captured late)" -ge $count
expect 'written' "$(packets "$scratch/late.pcapng")" -eq "$(captured late)"
done_checking
