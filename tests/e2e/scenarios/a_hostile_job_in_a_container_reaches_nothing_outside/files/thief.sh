#!/bin/sh
# What succeeds says what it has stolen. In busybox, as whichever user the container has.
# shellcheck disable=SC2016 # What is tried is expanded in a shell of its own
set +e
tried=0
try () {
    tried=$((tried + 1))
    (eval "$2") >/dev/null 2>&1 && echo "stolen: $1"
}
roots="/ /proc/1/root /proc/self/root /__w/.. /__w/_temp/.. /__t/.. /__i/.. /github/.. /__w/_actions/.."
# By every path that could lead to the machine
for root in $roots; do
    find "$root" -maxdepth 7 \( -path "*/proc/*" -o -path "*/sys/*" \) -prune -o -print
done >/tmp/all 2>/dev/null
test "$(wc -l </tmp/all)" -gt 1000 || echo "stolen: nothing was looked at"
named () { grep "/$1\$" /tmp/all; }
try "the server's token" 'named admin-token'
try "the server's key" 'named secret.key'
try "a token for agents" 'named registration-token'
try "a database" 'named ".*[.]db"'
try "the agent's lock" 'named agent.lock'
try "the agent's token" 'named registration.json'
try "the agent's log" 'named spool'
try "copies of caches" 'named chunks'
try "the blobs" 'named uploads'
try "the commands of other steps" 'ls /__w/_temp/_runner_file_commands/* | grep -v "$(basename "$GITHUB_OUTPUT")" | grep secret'
try "processes of the machine" 'ps | grep -v grep | grep -e dockerd -e containerd -e "opencicd up" -e opencicd-agent'
try "the first process" 'kill -9 1; kill -STOP 1; test ! -e /proc/1/comm'
try "its memory" 'head -c 1 /proc/1/mem'
try "its environment" 'cat /proc/1/environ | grep -e TOKEN -e OPENCICD'
try "its program" 'echo x >>/__i/opencicd-inside || cp /bin/sh /__i/opencicd-inside || rm /__i/opencicd-inside || mv /__i/opencicd-inside /tmp'
try "a file beside it" 'echo x >/__i/x'
try "its socket" 'ls /__i/socket /__i/*.sock | grep .'
try "the engine's socket" 'ls /var/run/docker.sock /run/docker.sock /run/containerd/containerd.sock /run/podman/podman.sock | grep .'
try "an engine on the network" 'for host in 127.0.0.1 172.17.0.1 $(ip route | sed -n "s/default via \([^ ]*\).*/\1/p"); do for port in 2375 2376; do nc -z -w 1 $host $port && exit 0; done; done; exit 1'
try "a mount put on" 'mount -t tmpfs none /mnt || mount -t proc proc /mnt || mount -o bind / /mnt'
try "a mount taken off" 'umount /__w || umount -l /__w || umount /proc/sys || umount -l /etc/resolv.conf'
try "a mount in a new namespace" 'unshare -m true || unshare -Ur true'
try "the machine's namespaces" 'nsenter -t 1 -m -n true && nsenter -t 1 -u hostname | grep -v "$(hostname)"'
try "the machine's disk" 'mknod /tmp/disk b 254 0 && head -c 1 /tmp/disk || mknod /tmp/disk b 8 0 && head -c 1 /tmp/disk || find /dev -type b | grep .'
try "memory of the machine" 'head -c 1 /proc/kcore || head -c 1 /dev/mem || (mknod /tmp/mem c 1 1 && head -c 1 /tmp/mem)'
try "the kernel's log" 'dmesg | grep . && head -c 1 /dev/kmsg || (mknod /tmp/kmsg c 1 11 && head -c 1 /tmp/kmsg)'
try "the name of core dumps" 'echo "|/tmp/x" >/proc/sys/kernel/core_pattern'
try "the program that loads modules" 'echo /tmp/x >/proc/sys/kernel/modprobe'
try "the program for events of devices" 'echo /tmp/x >/sys/kernel/uevent_helper'
try "the kernel's settings" 'echo 1 >/proc/sys/kernel/sysrq || echo b >/proc/sysrq-trigger || echo 1 >/proc/sys/vm/drop_caches'
try "a format of programs" 'mount -t binfmt_misc none /proc/sys/fs/binfmt_misc || echo x >/proc/sys/fs/binfmt_misc/register'
try "the settings of devices" 'for f in /sys/kernel/mm/ksm/run /sys/power/state; do echo 1 >$f && exit 0; done; exit 1'
try "control groups" 'for g in $(mount | grep "type cgroup" | cut -d" " -f3); do mkdir $g/x && exit 0; done; exit 1'
try "the program that ends a control group" 'echo /tmp/x >/sys/fs/cgroup/release_agent || find /sys/fs/cgroup -name release_agent -exec sh -c "echo /tmp/x >\$1" _ {} \; | grep -v . && exit 1; exit 1'
try "its own limits" 'find /sys/fs/cgroup -name "memory.*limit*" -o -name memory.max | while read -r f; do echo 1 >"$f" && echo yes; done | grep yes'
try "a score that the kernel spares" 'test "$(cat /proc/self/oom_score_adj)" -gt -1000 && echo -1000 >/proc/self/oom_score_adj'
try "the clock" 'date -s 2001-01-01; test "$(date +%Y)" = 2001'
try "the name of the machine" 'hostname other'
try "a module" 'insmod /dev/null || modprobe dummy'
try "a way out of a new root" 'mkdir -p /tmp/r && chroot /tmp/r /bin/true'
try "a device of the network" 'ip link add x type dummy || ip link set eth0 down || ip route del default'
try "swap, a restart" 'swapoff -a && test -s /proc/swaps || reboot -f'
try "another container" 'ls /proc/[0-9]*/root/__i | grep -v opencicd-inside | grep x'
try "a setuid program" 'find / -xdev -perm -4000 -type f | grep .'
try "descriptors of the agent" 'for fd in /proc/1/fd/*; do case $(readlink $fd) in socket:*) ;; /__i/* | /dev/null | pipe:* | anon_inode:* | "") ;; /__w/* | /github/*) ;; /*) exit 0 ;; esac; done; exit 1'
try "the machine's temporary files" 'ls /tmp | grep -e opencicd-e2e -e systemd'
try "the machine's name server as a file to change" 'grep -q " / .* overlay" /proc/self/mountinfo && ls -ld /etc/resolv.conf | grep "^l"'
try "the folder of workspaces" 'ls -a /__w/.. | grep -e agent -e trash'
try "actions of other jobs" 'ls /__w/_actions | grep .'
try "the trash" 'named trash'
# For the next job
deep=$PWD/.git/deep
mkdir -p "$deep"
(cd "$deep" && i=0; while [ "$i" -lt 1100 ]; do mkdir d && cd d || exit; i=$((i + 1)); done; echo x >left; chmod 000 .) 2>/dev/null
mkdir -p /__w/left "$RUNNER_TEMP/left" "$HOME/left"
echo x >/__w/left/x
mkfifo "$RUNNER_TEMP/left/pipe"
chmod 000 /__w/left
(setsid env -i /bin/sh -c 'trap "" TERM INT HUP; while :; do timeout 6781 tail -f /dev/null; done' >/dev/null 2>&1 &)
echo "$tried were tried as $(id -u)"
