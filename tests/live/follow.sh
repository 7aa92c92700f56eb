#!/usr/bin/env bash
# `sniff follow` on a terminal: each line of an echo session stands there within 100 ms, in the colour of who said it; the run ends
# with the connection.

source "$(dirname "$0")/common.sh"

host alice

on alice python3 - "$sniff" >"$scratch/seen" <<'PYTHON'
import os, pty, re, select, socket, subprocess, sys, threading, time

master, slave = pty.openpty()
following = subprocess.Popen([sys.argv[1], 'follow', '-i', 'lo', 'tcp.port == 7007'], stdin=subprocess.DEVNULL,
                             stdout=slave, stderr=subprocess.PIPE, env={'TERM': 'xterm', 'LC_ALL': 'C.UTF-8'})
os.close(slave)
shown = b''


def wait(what, seconds):
    """reads from the terminal until `what` stands there, and returns after how many milliseconds"""
    global shown
    began = time.monotonic()
    while what not in shown:
        left = began + seconds - time.monotonic()
        if left <= 0 or not select.select([master], [], [], left)[0]:
            return 1000 * seconds
        try:
            shown += os.read(master, 65536)
        except OSError:
            return 1000 * seconds
    return 1000 * (time.monotonic() - began)


while b'capturing on' not in following.stderr.readline():
    pass
# Whatever else it says must not fill the pipe.
threading.Thread(target=following.stderr.read, daemon=True).start()

listener = socket.create_server(('127.0.0.1', 7007))


def echo():
    connection, _ = listener.accept()
    while data := connection.recv(4096):
        connection.sendall(data.upper())
    connection.close()


threading.Thread(target=echo, daemon=True).start()
client = socket.create_connection(('127.0.0.1', 7007))
slowest = wait(b'open in both directions', 2)
for number in range(50):
    client.sendall(b'line %d \x1b[31m\n' % number)
    client.recv(4096)
    # What is said is coloured, and what a terminal would obey is not passed on.
    slowest = max(slowest, wait(b'LINE %d .[31M' % number, 2))
client.shutdown(socket.SHUT_WR)
client.recv(4096)
slowest_end = wait(b'closed: by both', 2)
try:
    status = following.wait(2)
except subprocess.TimeoutExpired:
    following.kill()
    status = 'none'
plain = re.sub(rb'\x1b\[[0-9;]*m', b'', shown)
print('slowest %d' % slowest)
print('end %d' % slowest_end)
print('status', status)
print('spoken %d' % (plain.count('→ line '.encode()) + plain.count('← LINE '.encode())))
print('colours', 'yes' if b'\x1b[36mline 0 ' in shown and b'\x1b[33mLINE 0 ' in shown else 'no')
print('escapes', len(re.findall(rb'\x1b(?!\[[0-9;]*m)|\x1b\[31m', shown)))
PYTHON
read_seen() {
    awk -v key="$1" '$1 == key { print $2 }' "$scratch/seen"
}
expect 'ms until the slowest line stands there' "$(read_seen slowest)" -le 100
expect 'ms until the summary' "$(read_seen end)" -le 300
expect 'exit status' "$(read_seen status)" -eq 0
expect 'lines of both sides' "$(read_seen spoken)" -eq 100
expect 'two colours' "$(read_seen colours)" == yes
expect 'sequences of the wire on the terminal' "$(read_seen escapes)" -eq 0

# Raw bytes are not for terminals.
status=0
script --quiet --return --command "$sniff follow -r captures/tcp-echo-lo.pcap --as raw" /dev/null >"$scratch/raw" || status=$?
expect 'exit status of raw bytes on a terminal' "$status" -eq 2
expect 'said' "$(cat "$scratch/raw")" == '*--as raw writes bytes that no terminal can show*'
done_checking
