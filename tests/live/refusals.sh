#!/usr/bin/env bash
# What cannot be captured or written is said, with what to do about it, in one line where one will do.

source "$(dirname "$0")/common.sh"

host alice
host bob
wire alice eth0 bob eth0
on bob ip link set eth0 down

# refused WHAT STATUS PATTERN COMMAND...
refused() {
    local what=$1 expected=$2 pattern=$3 status=0
    shift 3
    "$@" >"$scratch/refused.out" 2>"$scratch/refused.err" || status=$?
    expect "$what, exit status" "$status" -eq "$expected"
    expect "$what" "$(cat "$scratch/refused.err")" == "$pattern"
}

# Where nobody may go: the program is copied to where everybody may.
chmod 755 "$scratch"
install --mode=755 "$sniff" "$scratch/sniff"
nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
refused 'no permission' 1 "*cap_net_raw*
    sudo setcap cap_net_raw,cap_net_admin=eip $scratch/sniff
*files*" on alice "${nobody[@]}" "$scratch/sniff" -i eth0
install --mode=644 "$captures_directory/tour.pcapng" "$scratch/tour.pcapng"
expect 'files are read without' "$("${nobody[@]}" "$scratch/sniff" -r "$scratch/tour.pcapng" -c 1 | wc -l)" -eq 1
refused 'an interface that is not there, without permission' 1 '*no interface eht0; there is eth0;*' \
    on alice "${nobody[@]}" "$scratch/sniff" -i eht0

refused 'an interface that is not there' 1 '*no interface eht0; there is eth0;*' on alice "$sniff" -i eht0
refused 'an index that is not there' 1 '*no interface with the index 4711*' on alice "$sniff" -i 4711
refused 'an interface that is down' 1 '*eth0 is down*ip link set eth0 up' on bob "$sniff" -i eth0
refused 'a wrong capture filter' 2 '*tcp prot 80*' on alice "$sniff" -i eth0 -f 'tcp prot 80'
refused 'a link type that is not there' 2 '*EN10MB*' on alice "$sniff" -i eth0 -y DOCSIS_OF_OLD
refused 'a ring in KiB' 2 '*type -B 64' on alice "$sniff" -i eth0 -B 65536
refused 'a folder that is not there' 1 '*/no/such/folder/x*' on alice "$sniff" -i lo -w /no/such/folder/x
status=0
script --quiet --return --command "'$sniff' -r '$captures_directory/tour.pcapng' -w -" /dev/null >"$scratch/terminal" || status=$?
expect 'a terminal as a file, exit status' "$status" -eq 2
expect 'a terminal as a file' "$(cat "$scratch/terminal")" == '*terminal*'
expect 'link types' "$(on alice "$sniff" -L -i eth0 | tail -n +2 | head -n 1)" == '  EN10MB (Ethernet)'

# A disk that is full: exit status 1, and it says so; the capture does not go on without.
refused 'a full disk, from a file' 1 '*/dev/full*No space left*' "$sniff" -r "$captures_directory/tour.pcapng" -w /dev/full
start full alice -i lo -w /dev/full
on alice ping -q -c 1 127.0.0.1 >/dev/null
ended full
expect 'a full disk, exit status' "$status" -eq 1
expect 'a full disk' "$(tail -n 1 "$scratch/full.err")" == '*/dev/full*No space left*'

# Without libpcap: it is covered by something that is no library, where only this program sees it.
library=$(ldconfig -p | awk '/libpcap\.so\.0\.8 / { print $NF; exit }')
if [[ -n $library ]]; then
    # shellcheck disable=SC2016  # the inner shell's
    refused 'no libpcap' 1 '*libpcap*apt install*' unshare --mount bash -c \
        'mount --bind /dev/null "$(realpath "$1")" && exec "$2" -i lo' bash "$library" "$sniff"
fi
done_checking
