"""call.py WHAT [...] - makes one system call that a job should not be able to make. Exit status 0: it could."""

import ctypes
import os
import platform
import socket
import sys

X86 = platform.machine() == "x86_64"
NUMBERS = {  # x86-64, arm64
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219), "bpf": (321, 280), "perf_event_open": (298, 241),
    "userfaultfd": (323, 282), "io_uring_setup": (425, 425), "kexec_load": (246, 104), "open_by_handle_at": (304, 265),
    "name_to_handle_at": (303, 264), "ptrace": (101, 117), "process_vm_readv": (310, 270), "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438), "acct": (163, 89), "reboot": (169, 142), "sched_setscheduler": (144, 119), "shmget": (29, 194),
    "landlock_create_ruleset": (444, 444)}
libc = ctypes.CDLL(None, use_errno=True)


def call(name, *arguments):
    """Its result, or minus the error."""
    given = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    result = libc.syscall(ctypes.c_long(NUMBERS[name][0 if X86 else 1]), *given)
    return result if result >= 0 else -ctypes.get_errno()


def add_key():
    return call("add_key", b"user", b"opencicd-e2e-stolen", b"x", 1, -4) >= 0 or call("add_key", b"user", b"opencicd-e2e-stolen", b"x", 1, -5) >= 0


def bpf():
    attributes = (ctypes.c_uint32 * 32)(2, 4, 4, 1)  # An array of one
    return call("bpf", 0, attributes, ctypes.sizeof(attributes)) >= 0


def perf_event_open():
    attributes = (ctypes.c_uint32 * 32)(1, 128, 0)  # The processor's clock
    return call("perf_event_open", attributes, 1, -1, -1, 0) >= 0 or call("perf_event_open", attributes, 0, 0, -1, 0) >= 0


def open_by_handle_at():
    handle, mount = (ctypes.c_uint32 * 64)(128), ctypes.c_int()
    if call("name_to_handle_at", -100, b"/etc/passwd", handle, ctypes.byref(mount), 0) < 0:
        return False
    return call("open_by_handle_at", os.open("/etc", os.O_RDONLY), handle, 0) >= 0


def process_vm_readv():
    here, there = ctypes.create_string_buffer(8), ctypes.c_void_p(0x400000)
    mine, theirs = (ctypes.c_void_p * 2)(ctypes.addressof(here), 8), (ctypes.c_void_p * 2)(there, 8)
    return call("process_vm_readv", 1, mine, 1, theirs, 1, 0) != -1  # EPERM comes before all else


def leave_root(path):
    os.makedirs("/tmp/root", exist_ok=True)
    os.chroot("/tmp/root")
    for _ in range(64):
        os.chdir("..")
    os.chroot(".")
    return os.path.exists(path)


def connect(name):
    if call("landlock_create_ruleset", 0, 0, 1) < 6:
        return False  # This kernel cannot forbid it, as docs/security.md says
    socket.socket(socket.AF_UNIX).connect(f"\0{name}")
    return True


def shared_memory(key, make=None):
    return call("shmget", int(key), 4096, 0o1666 if make else 0) >= 0 or make


CALLS = {
    "add_key": add_key, "bpf": bpf, "perf_event_open": perf_event_open, "open_by_handle_at": open_by_handle_at,
    "process_vm_readv": process_vm_readv, "leave_root": leave_root, "connect": connect, "shared_memory": shared_memory,
    "request_key": lambda: call("request_key", b"user", b"opencicd-e2e-key", 0, 0) >= 0,
    "keyctl": lambda: call("keyctl", 0, -4, 0) >= 0,
    "userfaultfd": lambda: call("userfaultfd", 1) >= 0,  # For pages of users only, which wants no capability
    "io_uring_setup": lambda: call("io_uring_setup", 1, (ctypes.c_uint32 * 32)()) >= 0,
    "kexec_load": lambda: call("kexec_load", 0, 0, 0, 0) >= 0,
    "ptrace": lambda: call("ptrace", 16, 1, 0, 0) >= 0,
    "pidfd_getfd": lambda: call("pidfd_getfd", call("pidfd_open", 1, 0), 0, 0) >= 0,
    "sched_setscheduler": lambda: call("sched_setscheduler", 0, 1, (ctypes.c_int32 * 1)(50)) >= 0,
    "acct": lambda: call("acct", 0) >= 0,
    "reboot": lambda: call("reboot", 0xFEE1DEAD - (1 << 32), 672274793, 0, 0) >= 0,
    "sniff": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 3),
    "raw": lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP),
}

sys.exit(0 if CALLS[sys.argv[1]](*sys.argv[2:]) else 1)
