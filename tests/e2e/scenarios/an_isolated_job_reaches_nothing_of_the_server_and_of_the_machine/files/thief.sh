#!/usr/bin/env bash
# What succeeds says what it has stolen. The server's folder is two above a local agent's.
# shellcheck disable=SC2016,SC2034 # What is tried is expanded in a shell of its own
set +e
server=$(realpath "$GITHUB_WORKSPACE/../../..")
agent=$(realpath "$GITHUB_WORKSPACE/..")
python=$(ls /usr/bin/python3 2>/dev/null || command -v python3)
tried=0
try () {
    tried=$((tried + 1))
    (eval "$2") >/dev/null 2>&1 && echo "stolen: $1"
}
call () {
    "$python" "$GITHUB_WORKSPACE/call.py" "$@"
}
try "the server's token" 'cat "$server/admin-token"'
try "the server's key" 'cat "$server/secret.key"'
try "a token for agents" 'cat "$server/registration-token"'
try "a database" 'ls "$server"/*.sqlite* "$server"/*.db | grep .'
try "the blobs" 'ls "$server"/blobs | grep .'
try "another agent" 'ls -d "$server"/agents/* | grep -vx "$agent"'
try "the agent's token" 'cat "$agent"/token || cat "$agent"/agent.json || cat "$agent"/registration.json'
try "the agent's log" 'cat "$agent"/log* | grep .'
try "the trash" 'ls "$agent"/trash'
try "what is written aside" 'ls "$agent"/sandbox'
try "a process of the server" 'grep -l opencicd /proc/[0-9]*/comm | grep -v "^/proc/1/"'
try "the first process's memory" 'head -c 1 /proc/1/mem'
try "the first process's environment" 'cat /proc/1/environ | grep -a .'
try "the first process" 'kill -9 1; kill -STOP 1; test ! -e /proc/1/comm'
try "the old root" 'ls /proc/1/root/proc/1/root/../"$server"/admin-token'
try "a mount taken off" 'umount "$agent" || umount "$server" || umount -l "$agent"'
try "a mount put on" 'mount -t tmpfs none /mnt'
try "a mount in a new namespace" 'unshare -m umount "$server" || unshare -Urm umount -l "$server"'
try "the file system as a device" 'mknod /tmp/disk b 254 0 && head -c 1 /tmp/disk || head -c 1 /dev/vda || head -c 1 /dev/sda'
try "memory of the machine" 'head -c 1 /proc/kcore || head -c 1 /dev/mem'
try "the name of core dumps" 'echo "|/tmp/x" >/proc/sys/kernel/core_pattern'
try "the kernel's settings" 'echo 1 >/proc/sys/kernel/sysrq || echo b >/proc/sysrq-trigger'
try "the devices' settings" 'for f in /sys/kernel/mm/ksm/run /sys/power/state; do echo 1 >$f && exit 0; done; exit 1'
try "control groups" 'mkdir /sys/fs/cgroup/x || mkdir /sys/fs/cgroup/memory/x'
try "services of the machine" 'ls /run/systemd/private /run/dbus/system_bus_socket /run/docker.sock | grep .'
try "shared memory" 'ipcs -m | grep 0x || ls /dev/shm | grep .'
try "the kernel's log" 'dmesg | grep .'
try "other jobs' files in /tmp" 'ls /tmp | grep -vx "$(echo "$agent" | cut -d/ -f3)"'
try "the name of the machine" 'hostname other'
try "the clock" 'date -s 2001-01-01'
try "the network" 'ip link add x type dummy'
try "a module" 'insmod /dev/null || modprobe dummy'
try "another user's terminal" 'ls /dev/pts/0'
# What the machine's network, its keyrings and its kernel hold
try "an agent's registration token" 'cat /proc/[0-9]*/environ | grep -a OPENCICD_REGISTRATION_TOKEN'
try "another job's environment" 'cat /proc/[0-9]*/environ | grep -a THE_VICTIMS'
try "another job's socket" 'call connect opencicd-e2e-victim'
try "another job's memory" 'call shared_memory 24301'
try "another job's message queue" 'ls /dev/mqueue | grep . || ipcs -q | grep 0x'
try "another job's semaphores" 'ipcs -s | grep 0x'
try "what passes on the network" 'call sniff'
try "raw packets" 'call raw'
try "the user's keys" 'call add_key'
try "a search of keyrings" 'call request_key'
try "a keyring" 'call keyctl'
try "a program in the kernel" 'call bpf'
try "the kernel's counters" 'call perf_event_open'
try "page faults" 'call userfaultfd'
try "a ring of the kernel" 'call io_uring_setup'
try "another kernel" 'call kexec_load'
try "a file by its handle" 'call open_by_handle_at'
try "the first process as a debugger" 'call ptrace'
try "the first process's memory at once" 'call process_vm_readv'
try "the first process's descriptor" 'call pidfd_getfd'
try "a real-time priority" 'call sched_setscheduler'
try "the first process's namespaces" 'nsenter -t 1 -m true || nsenter -t 1 -n true'
try "its control group, mounted anew" 'unshare -UrCm sh -c "mount -t cgroup2 none /mnt || mount -t cgroup -o memory none /mnt"'
try "a file system of processes in a new namespace" 'unshare -Urmpf mount -t proc proc /mnt'
try "the machine's settings, writable again" 'mount -o remount,rw,bind /proc/sys || unshare -Urm mount -o remount,rw,bind /proc/sys || unshare -Urm umount /proc/sys'
try "a format of programs" 'echo ":x:M::x::/bin/sh:" >/proc/sys/fs/binfmt_misc/register'
try "the program that loads modules" 'echo /tmp/x >/proc/sys/kernel/modprobe'
try "the program for events of devices" 'echo /tmp/x >/sys/kernel/uevent_helper'
try "the kernel's caches" 'echo 3 >/proc/sys/vm/drop_caches'
try "what the kernel shows to those who debug it" 'ls /sys/kernel/debug /sys/kernel/tracing | grep -v : | grep .'
try "a disk" 'find /dev -type b | grep .'
try "the kernel's log as a device" 'head -c 1 /dev/kmsg || (mknod /tmp/kmsg c 1 11 && head -c 1 /tmp/kmsg)'
try "more than the limits of an agent" 'ulimit -Hn $(($(ulimit -Hn) + 1))'
try "a score that the kernel spares" 'echo -1000 >/proc/self/oom_score_adj'
try "swap, accounts, a restart" 'swapoff -a && test -s /proc/swaps || call acct || call reboot'
try "a way out of a new root" 'mkdir /tmp/r && chroot /tmp/r true || call leave_root "$server/admin-token"'
try "descriptors of the agent" 'for fd in /proc/$PPID/fd/*; do case $(readlink "$fd") in /dev/null | pipe:* | "$RUNNER_TEMP"/* | *.sh | "") ;; *) exit 0 ;; esac; done; exit 1'
try "a hard link to the machine's file" 'ln /etc/passwd "$RUNNER_TEMP/link"'
try "a job for later" 'systemd-run true || (echo true | at now)'
# For the next job, and for whoever uses this machine
for place in /etc/cron.d /etc /tmp /var/tmp /dev/shm "$HOME" /usr/bin; do cp /bin/sh "$place/opencicd-e2e-stolen" && chmod 6755 "$place/opencicd-e2e-stolen"; done 2>/dev/null
(exec -a opencicd-agent setsid env -i sh -c 'trap "" TERM INT HUP; while :; do timeout 5781 tail -f /dev/null; done') >/dev/null 2>&1 &
call shared_memory 24302 make
echo "$tried were tried"
