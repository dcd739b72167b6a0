"""What a process that reads users' files may not do: the network, other programs and processes.

A seccomp filter (Linux, `seccomp(2)`) needs neither root nor namespaces, holds for good, and works
below systemd's own filters, too. What it forbids fails with EPERM, so that a library can go on.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct

_PR_SET_SECCOMP = 22
_PR_SET_NO_NEW_PRIVS = 38
_FILTER = 2

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _FAIL = 0x7FFF0000, 0x00050000
_EPERM, _ENOSYS = 1, 38
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_CLONE_THREAD = 0x00010000

_FORBIDDEN = (
    *("socket", "connect", "bind", "listen", "accept", "accept4", "sendmmsg", "io_uring_setup"),
    *("execve", "execveat", "fork", "vfork", "unshare", "setns"),
    *("kill", "pidfd_open", "pidfd_send_signal", "pidfd_getfd", "ptrace"),
    *("process_vm_readv", "process_vm_writev", "bpf", "perf_event_open", "userfaultfd"),
    *("tkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "setpriority"),
    *("chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat"),
    *("setxattr", "lsetxattr", "fsetxattr", "setxattrat"),
    *("removexattr", "lremovexattr", "fremovexattr", "removexattrat"),
    *("utime", "utimes", "futimesat", "utimensat", "inotify_add_watch", "fanotify_init"),
    *("open_by_handle_at", "mount", "move_mount", "chroot", "pivot_root"),
)
"""Pairs of connected sockets stay allowed: event loops wake themselves by them. What changes a
file's mode, owner, attributes and times, and tells what happens in folders, is here since Landlock
leaves it alone."""

_ITSELF_ONLY = ("tgkill", "prlimit64")
"""Calls whose first argument is a process; `abort` needs the one, our limits the other."""

_COMMON = {
    "io_uring_setup": 425,
    "pidfd_send_signal": 424,
    "pidfd_open": 434,
    "pidfd_getfd": 438,
    "clone3": 435,
    "move_mount": 429,
    "fchmodat2": 452,
    "setxattrat": 463,
    "removexattrat": 466,
}
_TABLES = {
    "x86_64": (
        0xC000003E,
        {
            **_COMMON,
            **{"socket": 41, "connect": 42, "accept": 43, "bind": 49, "listen": 50, "clone": 56},
            **{"fork": 57, "vfork": 58, "execve": 59, "kill": 62, "ptrace": 101, "unshare": 272},
            **{"accept4": 288, "perf_event_open": 298, "sendmmsg": 307, "setns": 308},
            **{"process_vm_readv": 310, "process_vm_writev": 311, "bpf": 321, "execveat": 322},
            **{"userfaultfd": 323, "prlimit64": 302, "tgkill": 234, "tkill": 200},
            **{"rt_sigqueueinfo": 129, "rt_tgsigqueueinfo": 297, "setpriority": 141},
            **{"chmod": 90, "fchmod": 91, "chown": 92, "fchown": 93, "lchown": 94},
            **{"fchownat": 260, "fchmodat": 268, "utime": 132, "utimes": 235},
            **{"futimesat": 261, "utimensat": 280, "setxattr": 188, "lsetxattr": 189},
            **{"fsetxattr": 190, "removexattr": 197, "lremovexattr": 198},
            **{"fremovexattr": 199, "inotify_add_watch": 254, "fanotify_init": 300},
            **{"open_by_handle_at": 304, "mount": 165, "chroot": 161, "pivot_root": 155},
        },
    ),
    "aarch64": (
        0xC00000B7,
        {
            **_COMMON,
            **{"unshare": 97, "ptrace": 117, "kill": 129, "socket": 198, "bind": 200},
            **{"listen": 201, "accept": 202, "connect": 203, "clone": 220, "execve": 221},
            **{"perf_event_open": 241, "accept4": 242, "setns": 268, "sendmmsg": 269},
            **{"process_vm_readv": 270, "process_vm_writev": 271, "bpf": 280, "execveat": 281},
            **{"userfaultfd": 282, "prlimit64": 261, "tgkill": 131, "tkill": 130},
            **{"rt_sigqueueinfo": 138, "rt_tgsigqueueinfo": 240, "setpriority": 140},
            **{"fchmod": 52, "fchmodat": 53, "fchownat": 54, "fchown": 55, "utimensat": 88},
            **{"setxattr": 5, "lsetxattr": 6, "fsetxattr": 7, "removexattr": 14},
            **{"lremovexattr": 15, "fremovexattr": 16, "inotify_add_watch": 27},
            **{"fanotify_init": 262, "open_by_handle_at": 265, "mount": 40, "chroot": 51},
            "pivot_root": 41,
        },
    ),
}
"""Audit architecture and numbers of system calls, by machine."""


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def confine() -> bool:
    """Forbid this process the network and other programs for good; False where nothing can.

    That is on machines whose numbers of system calls are not known here, and below kernels
    without seccomp.
    """
    known = _TABLES.get(platform.machine())
    if known is None or struct.calcsize("P") != 8:
        return False
    program = _program(*known)
    filled = _Program(len(program) // 8, program)
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    installed: int = library.prctl(_PR_SET_SECCOMP, _FILTER, ctypes.byref(filled), 0, 0)
    return installed == 0


def _program(architecture: int, numbers: dict[str, int]) -> bytes:
    """Return the filter as a program for the kernel (classic BPF)."""
    lines = [
        _line(_LOAD, _ARCHITECTURE),
        _line(_EQUAL, architecture, 1, 0),
        _line(_RETURN, _FAIL | _EPERM),
        _line(_LOAD, _NUMBER),
        # The second set of numbers that 64-bit PCs have would lead around all others.
        _line(_AT_LEAST, 0x40000000, 0, 1),
        _line(_RETURN, _FAIL | _EPERM),
    ]
    for name in _FORBIDDEN:
        if name in numbers:
            lines += [_line(_EQUAL, numbers[name], 0, 1), _line(_RETURN, _FAIL | _EPERM)]
    for name in _ITSELF_ONLY:
        lines += [
            _line(_EQUAL, numbers[name], 0, 5),
            _line(_LOAD, _FIRST_ARGUMENT),
            _line(_EQUAL, 0, 1, 0),
            _line(_EQUAL, os.getpid(), 0, 1),
            _line(_RETURN, _ALLOW),
            _line(_RETURN, _FAIL | _EPERM),
        ]
    # Threads are made by clone; clone3 hides its flags, and without it everybody takes clone.
    lines += [
        _line(_EQUAL, numbers["clone3"], 0, 1),
        _line(_RETURN, _FAIL | _ENOSYS),
        _line(_EQUAL, numbers["clone"], 0, 3),
        _line(_LOAD, _FIRST_ARGUMENT),
        _line(_ANY_BIT, _CLONE_THREAD, 1, 0),
        _line(_RETURN, _FAIL | _EPERM),
        _line(_RETURN, _ALLOW),
    ]
    return b"".join(lines)


def _line(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)
