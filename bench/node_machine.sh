#!/bin/sh
# First process of a machine of bench.nodes_on_share (User-mode Linux, whose disk is the host's):
# mounts the site's share over the site and runs a node. What it is told, the kernel was told.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs tmp /run
for word in $(cat /proc/cmdline); do
    case $word in SG_*=*) export "$word" ;; esac
done
exec >"$SG_FOLDER/$SG_NODE.machine" 2>&1
set -x

mkdir -p /run/root/lib/modules /run/sandbox
ln -s "/usr/lib/uml/modules/$(uname -r)" /run/root/lib/modules/
printf '#!/bin/sh\nexec modprobe -d /run/root "$@"\n' >/run/modprobe
chmod +x /run/modprobe
echo /run/modprobe >/proc/sys/kernel/modprobe # the kernel's own requests, too

host=10.77.$SG_NUMBER.1
hostname "$SG_NODE"
ip link set lo up
ip addr add "10.77.$SG_NUMBER.2/24" dev eth0
ip link set eth0 up
for port in $(echo "$SG_PORTS" | tr , ' '); do
    socat "TCP-LISTEN:$port,bind=127.0.0.1,fork,reuseaddr" "TCP:$host:$port" &
done

# The service of the tests tells its users by locks, which are not the share's.
mount --bind "$SG_SITE/state/sandbox" /run/sandbox
if [ "$SG_KIND" = nfs ]; then
    /run/modprobe nfsv4
    mount -t nfs4 -o "$SG_OPTIONS" "$host:/site" "$SG_SITE" || poweroff -f
else
    /run/modprobe cifs
    mount -t cifs -o "$SG_OPTIONS" "//$host/site" "$SG_SITE" || poweroff -f
fi
mount --bind /run/sandbox "$SG_SITE/state/sandbox"
flock -x "$SG_SITE/state/sandbox/address" sleep infinity &
sleep 1

cd "$SG_CODE" || poweroff -f
"$SG_PYTHON" -m gateway run --node "$SG_NODE" --site "$SG_SITE" >"$SG_FOLDER/$SG_NODE.words" 2>&1 &
node=$!
set +x
(
    while [ ! -e "$SG_FOLDER/$SG_NODE.stop" ]; do sleep 1; done
    kill -TERM $node
) &
wait $node
poweroff -f
