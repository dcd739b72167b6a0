"""The child process that opens users' files; started by `child_start`, ended with its parent.

It bounds its own memory and the processor time of each request, reads requests from
standard input, answers on standard output and keeps nothing between them but warm modules.
"""

from __future__ import annotations

import ctypes
import gc
import io
import math
import mmap
import os
import resource
import signal
import socket
import sys
import warnings
from pathlib import Path

from gateway.core.any_fault import fault_of
from gateway.core.errors import Scope
from gateway.pdf import patches, wire
from gateway.pdf.advance import prepare_fields
from gateway.pdf.confinement import confine
from gateway.pdf.extending import extend, fill, last_token
from gateway.pdf.facts import examine
from gateway.pdf.given import given, size_of
from gateway.pdf.landlock import forbid_files
from gateway.pdf.passwords import knowing
from gateway.pdf.pictures import draw
from gateway.pdf.preview import draw_sealed, preview
from gateway.pdf.repairing import repair
from gateway.pdf.returning import check_return
from gateway.pdf.sealing import embed, prepare, value_to_stamp
from gateway.pdf.signature_parts import signature_parts
from gateway.pdf.verify import verify

_PR_SET_PDEATHSIG = 1
_WRITTEN_BESIDES = 256 * 1024 * 1024
"""Bytes that may be written besides twice the size of the files that are read."""
_LARGE = 64 * 1024 * 1024
"""Bytes of files after which no memory is kept for the next request."""
_ROOM = 32 << 20
"""Bytes that a process gets unless its memory is used up."""
_RECURSION = 600
"""Deep enough for real documents; shallow enough to fail long before the C stack does."""


def main() -> None:
    """Serve requests until the parent closes our input."""
    memory, parent, files = (int(number) for number in sys.argv[1:4])
    patches.install()
    gc.freeze()  # modules are there to stay; no search for garbage has to go through them
    room = _address_space() + memory
    kept_from = _bound(parent)
    source = socket.socket(fileno=files)
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not enter the conversation
    sys.stdin = io.StringIO()
    answers.write(wire.frame(kept_from.model_dump_json().encode()))
    answers.flush()
    while (text := wire.unframe(requests)) is not None:
        answers.write(wire.frame(_answer(text, room, source)))
        answers.flush()


def _bound(parent: int) -> wire.Ready:
    """Set limits that hold for every document, and die when the parent does.

    Returns what is out of reach.
    """
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.setrecursionlimit(_RECURSION)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warnings.simplefilter("ignore")
    return wire.Ready(files=forbid_files(), network=confine())


def _address_space() -> int:
    """Return the bytes of address space that this process has."""
    with open("/proc/self/statm", "rb") as told:  # noqa: PTH123  # no file of a user's
        return int(told.read().split()[0]) * resource.getpagesize()


def _allow(seconds: float, room: int, size: int) -> None:
    """Bound one request about files of `size` bytes in all.

    Beyond its processor time the kernel ends the process; address space and the size of files
    that it writes end in errors.
    """
    used = _used()
    # The kernel counts whole seconds; a short limit is rather a little longer than none.
    _soft(resource.RLIMIT_CPU, max(math.floor(used + seconds), math.ceil(used) + 1))
    _soft(resource.RLIMIT_AS, room + size)
    _soft(resource.RLIMIT_FSIZE, 2 * size + _WRITTEN_BESIDES)


def _soft(kind: int, limit: int) -> None:
    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY and limit > hard:
        sys.exit("somebody has lowered the limits of this process")  # a fresh one takes over
    resource.setrlimit(kind, (limit, hard))


def _used() -> float:
    """Return the seconds of processor time that this process has used."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _answer(text: bytes, room: int, source: socket.socket) -> bytes:
    began, size = _used(), 0
    try:
        request = wire.Request.model_validate_json(text)
        names = [one.path for one in wire.given_for(request.call)]
        with given(_received(source, names)), knowing(request.passwords):
            size = sum(size_of(name) for name in names)
            _allow(request.seconds, room, size)
            answer = _serve(request.call)
    except MemoryError:
        answer = _refusal(Scope.DOCUMENT, "pdf.too-costly", "memory")
    except Exception as error:
        fault = fault_of(error)
        if _has_room():
            answer = _refusal(fault.scope, fault.code, fault.detail)
        else:  # whatever a library made of that
            answer = _refusal(Scope.DOCUMENT, "pdf.too-costly", "memory")
    if size >= _LARGE:
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)
    answer = answer.model_copy(update={"seconds": _used() - began})
    return answer.model_dump_json().encode("utf-8", "backslashreplace")


def _has_room() -> bool:
    """Tell whether this process still gets memory."""
    try:
        mmap.mmap(-1, _ROOM).close()
    except (OSError, MemoryError):
        return False
    return True


def _received(source: socket.socket, names: list[Path]) -> dict[Path, int]:
    """Take what the parent opened for a request."""
    if not names:
        return {}
    _, descriptors, _, _ = socket.recv_fds(source, len(wire.FILES), len(names))
    return dict(zip(names, descriptors, strict=True))


def _refusal(scope: Scope, code: str, detail: str) -> wire.Answer:
    printable = detail.encode("utf-8", "backslashreplace").decode()
    return wire.Answer(fault=wire.Fault(scope=scope, code=code, detail=printable))


def _serve(call: wire.Call) -> wire.Answer:
    match call:
        case wire.ImportRequest() | wire.DrawingRequest():
            return _make_page(call)
        case wire.DrawRequest() | wire.DrawSealedRequest() | wire.PreviewRequest():
            _show(call)
            return wire.Answer()
        case (
            wire.ExamineRequest()
            | wire.TokenRequest()
            | wire.SignaturePartsRequest()
            | wire.VerifyRequest()
            | wire.CheckReturnRequest()
        ):
            return _read(call)
        case _:
            return _write(call)


def _make_page(call: wire.ImportRequest | wire.DrawingRequest) -> wire.Answer:
    from gateway.pdf.artwork import pages  # noqa: PLC0415  # fonts take memory; few need them

    if isinstance(call, wire.ImportRequest):
        return wire.Answer(made=pages.from_file(call.source, call.page, call.wish))
    return wire.Answer(made=pages.from_drawing(call.drawing, call.page))


def _read(call: wire.ReadingCall) -> wire.Answer:
    match call:
        case wire.ExamineRequest():
            return wire.Answer(facts=examine(call.path, call.wanted))
        case wire.TokenRequest():
            return wire.Answer(token=last_token(call.path))
        case wire.SignaturePartsRequest():
            return wire.Answer(parts=signature_parts(call.path))
        case wire.VerifyRequest():
            return wire.Answer(reports=verify(call.path, call.anchors, call.expected))
        case wire.CheckReturnRequest():
            return wire.Answer(returned=check_return(call.sent, call.returned, call.awaited))


def _write(call: wire.WritingCall) -> wire.Answer:
    match call:
        case wire.FieldsRequest() | wire.RepairRequest():
            return _rewrite(call)
        case wire.PrepareRequest():
            made = prepare(call.original, call.draft, call.plan, call.artwork, call.signer)
            told = wire.PreparedAnswer(digest=made.digest, seam=made.seam, notes=made.notes)
            return wire.Answer(prepared=told)
        case wire.StampRequest():
            return wire.Answer(to_stamp=value_to_stamp(call.seam, call.signature))
        case wire.EmbedRequest():
            embed(call.prepared, call.draft, call.seam, call.signature, call.timestamp)
            return wire.Answer()
        case wire.ExtendRequest():
            added = extend(
                call.signed, call.draft, call.evidence, vri_field=call.vri_field, stamp=call.stamp
            )
            hole = wire.ExtensionAnswer(digest=added.digest, hole=added.hole) if added else None
            return wire.Answer(extension=hole)
        case wire.FillRequest():
            fill(call.extended, call.draft, call.hole, call.token)
            return wire.Answer()


def _rewrite(call: wire.FieldsRequest | wire.RepairRequest) -> wire.Answer:
    """Make what is to be sealed of what came."""
    match call:
        case wire.FieldsRequest():
            prepare_fields(call.original, call.draft, call.fields)
            return wire.Answer()
        case wire.RepairRequest():
            return wire.Answer(changes=repair(call.original, call.draft))


def _show(call: wire.ShowingCall) -> None:
    match call:
        case wire.PreviewRequest():
            preview(call.path, call.plan, call.artwork, call.png, call.pdf)
        case wire.DrawSealedRequest():
            draw_sealed(
                call.path, call.plan, call.artwork, call.page, call.png, longest=call.longest
            )
        case wire.DrawRequest():
            draw(call.path, call.page, call.png, call.longest, paper=call.paper)
