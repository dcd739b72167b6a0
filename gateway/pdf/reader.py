"""The parent's side: a small pool of warm child processes that read users' files.

A child that crashes or exceeds its limits ends alone; the document that did it fails, the
next request starts a new child. A death that we cannot pin on limits gets one more try, in
case the machine rather than the document was to blame.
"""

from __future__ import annotations

import os
import queue
import select
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

from gateway.core.drawing import Drawing
from gateway.core.errors import DocumentFault, InternalFault, Scope, ServiceFault, SiteFault
from gateway.core.facts import NOTHING, DocumentFacts, Wanted
from gateway.core.flow_fields import FieldInAdvance
from gateway.core.plan import SealingPlan
from gateway.core.secret import Secret
from gateway.core.site import Limits
from gateway.pdf import wire
from gateway.ports import (
    Evidence,
    Expectation,
    Extension,
    Prepared,
    SignatureReport,
    Signer,
)
from gateway.ports.returning import Awaited, Returned
from gateway.ports.seals import MadePage, Wish

_START_SECONDS = 60.0
DRAWN_PIXELS = 1600
"""Longest side of a page drawn to be looked at."""
_RECYCLE_AFTER = 1000
"""Requests after which a child is replaced, so that no library's leak can add up."""


_KEPT = str(16 * 1024 * 1024)
_KEEPING_MEMORY = {"MALLOC_TRIM_THRESHOLD_": _KEPT, "MALLOC_MMAP_THRESHOLD_": _KEPT}
"""What glibc is told of a child: to keep freed memory of that many bytes, which is used again for
the next page's picture; to have it from the kernel anew costs a fifth of a document's time."""


class _Timeout(Exception):
    """The child did not answer in time."""


class _Died(Exception):
    """The child ended; `signal` is the number that ended it, or 0."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.signal = number


class _Child:
    """One process and the conversation with it."""

    def __init__(self, limits: Limits) -> None:
        self.requests = 0
        seconds = max(1, round(limits.document_seconds))
        command = [sys.executable, "-m", "gateway.pdf.child"]
        command += [str(limits.document_memory), str(seconds), str(os.getpid())]
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=os.environ | _KEEPING_MEMORY,
            )
            self._read(_START_SECONDS)
        except (OSError, _Timeout, _Died) as error:
            raise SiteFault("site.child-lost", str(error)) from error

    def ask(self, text: bytes, seconds: float) -> bytes:
        """Send a request and return its answer; raises `_Timeout` or `_Died`."""
        self.requests += 1
        assert self._process.stdin is not None  # noqa: S101  # it was asked for as a pipe
        try:
            self._process.stdin.write(wire.frame(text))
            self._process.stdin.flush()
        except OSError:
            raise _Died(self._signal()) from None
        return self._read(seconds)

    def _read(self, seconds: float) -> bytes:
        deadline = time.monotonic() + seconds
        head = self._exactly(wire.LENGTH.size, deadline)
        size = wire.LENGTH.unpack(head)[0]
        if size > wire.LONGEST:
            raise _Died(0)
        return self._exactly(size, deadline)

    def _exactly(self, size: int, deadline: float) -> bytes:
        assert self._process.stdout is not None  # noqa: S101  # it was asked for as a pipe
        source = self._process.stdout.fileno()
        parts: list[bytes] = []
        while size:
            ready, _, _ = select.select([source], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise _Timeout
            part = os.read(source, min(size, 1 << 20))
            if not part:
                raise _Died(self._signal())
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def _signal(self) -> int:
        try:
            return -min(0, self._process.wait(5))
        except subprocess.TimeoutExpired:
            return 0

    def end(self) -> None:
        """Kill the process and collect it."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue


class ReaderDocuments:
    """`ports.Documents`, `PagePictures` and `SealPages` by child processes; for many threads."""

    def __init__(self, limits: Limits, passwords: tuple[Secret, ...] = ()) -> None:
        self._limits = limits
        self._passwords = passwords
        """Tried on encrypted documents; told to a child through its pipe only."""
        self._idle: queue.LifoQueue[_Child | None] = queue.LifoQueue()
        for _ in range(limits.readers):
            self._idle.put(None)
        self._closed = threading.Event()

    def examine(self, path: Path, wanted: Wanted = NOTHING) -> DocumentFacts:
        """Read a document's facts."""
        answer = self._ask(wire.ExamineRequest(path=path, wanted=wanted))
        if answer.facts is None:
            raise InternalFault(ValueError("the reader gave no facts"))
        return answer.facts

    def prepare(
        self,
        original: Path,
        draft: Path,
        plan: SealingPlan,
        artwork: tuple[Path, ...],
        signer: Signer,
    ) -> Prepared:
        """Write the placeholder file to `draft` and return the digest to sign."""
        answer = self._ask(
            wire.PrepareRequest(
                original=original,
                draft=draft,
                plan=plan,
                artwork=artwork,
                chain=signer.credential.chain,
                credential=replace(signer.credential, chain=()),
                anchors=signer.anchors,
            )
        )
        if answer.prepared is None:
            raise InternalFault(ValueError("the reader prepared nothing"))
        return answer.prepared.value()

    def prepare_fields(
        self, original: Path, draft: Path, fields: tuple[FieldInAdvance, ...]
    ) -> None:
        """Write the document with these empty signature fields to `draft`."""
        self._ask(wire.FieldsRequest(original=original, draft=draft, fields=fields))

    def to_stamp(self, seam: bytes, signature: bytes) -> bytes | None:
        """Return the signature value that a time-stamp is to be over; None when it has one."""
        return self._ask(wire.StampRequest(seam=seam, signature=signature)).to_stamp

    def embed(
        self, prepared: Path, draft: Path, seam: bytes, signature: bytes, timestamp: bytes | None
    ) -> None:
        """Write the signed file to `draft`."""
        self._ask(
            wire.EmbedRequest(
                prepared=prepared,
                draft=draft,
                seam=seam,
                signature=signature,
                timestamp=timestamp,
            )
        )

    def extend(
        self, signed: Path, draft: Path, evidence: Evidence, *, vri_field: str, stamp: bool
    ) -> Extension | None:
        """Write the file with validation data to `draft`; with `stamp`, room for a time-stamp."""
        told = self._ask(
            wire.ExtendRequest(
                signed=signed,
                draft=draft,
                certificates=evidence.certificates,
                ocsps=evidence.ocsps,
                crls=evidence.crls,
                vri_field=vri_field,
                stamp=stamp,
            )
        ).extension
        return Extension(told.digest, told.hole) if told is not None else None

    def fill(self, extended: Path, draft: Path, hole: bytes, token: bytes) -> None:
        """Write the extended file to `draft`, with its document time-stamp's token."""
        self._ask(wire.FillRequest(extended=extended, draft=draft, hole=hole, token=token))

    def last_token(self, path: Path) -> bytes:
        """Return the token of the newest document time-stamp; empty when there is none."""
        return self._ask(wire.TokenRequest(path=path)).token

    def verify(
        self, path: Path, anchors: tuple[bytes, ...], expected: Expectation | None = None
    ) -> tuple[SignatureReport, ...]:
        """Validate every signature; with `expected`, be the release gate."""
        request = wire.VerifyRequest(path=path, anchors=anchors)
        if expected is not None:
            request = wire.VerifyRequest(
                path=path,
                anchors=anchors,
                original=expected.original,
                plan=expected.plan,
                certificate=expected.certificate,
            )
        return self._ask(request).reports

    def check_return(self, sent: Path, returned: Path, awaited: Awaited) -> Returned:
        """Accept a file that is `sent` plus exactly one good signature, and nothing else."""
        call = wire.CheckReturnRequest(
            sent=sent,
            returned=returned,
            signer=awaited.signer,
            anchors=awaited.anchors,
            field=awaited.field,
            others=awaited.others,
            last=awaited.last,
        )
        try:
            answer = self._ask(call).returned
        except DocumentFault as fault:
            if fault.code.startswith("outside."):
                raise
            # What ended the child, or exceeded its limits: `sent` has been read here before.
            raise DocumentFault("outside.unreadable", fault.sentence) from fault
        if answer is None:
            raise InternalFault(ValueError("the reader judged nothing"))
        return answer

    def draw(
        self, path: Path, page: int, png: Path, *, longest: int = DRAWN_PIXELS, paper: bool = True
    ) -> None:
        """Draw a page (index from 0, from the end when negative) to `png`."""
        self._ask(wire.DrawRequest(path=path, page=page, png=png, longest=longest, paper=paper))

    def draw_sealed(
        self,
        path: Path,
        plan: SealingPlan,
        artwork: tuple[Path, ...],
        page: int,
        png: Path,
        *,
        longest: int = DRAWN_PIXELS,
    ) -> None:
        """Draw a page (index from 0) to `png` with the seals that a plan puts on it."""
        self._ask(
            wire.DrawSealedRequest(
                path=path, plan=plan, artwork=artwork, page=page, png=png, longest=longest
            )
        )

    def preview(
        self,
        path: Path,
        plan: SealingPlan,
        artwork: tuple[Path, ...],
        *,
        png: Path | None = None,
        pdf: Path | None = None,
    ) -> None:
        """Draw the pages that a plan touches, with their seals as they will be."""
        self._ask(wire.PreviewRequest(path=path, plan=plan, artwork=artwork, png=png, pdf=pdf))

    def from_file(self, source: Path, page: Path, wish: Wish) -> MadePage:
        """Write artwork to `page` as a page as large as the seal."""
        try:
            return self._made(wire.ImportRequest(source=source, page=page, wish=wish))
        except DocumentFault as fault:
            if fault.code.startswith("seal."):
                raise
            # What ended the child, or exceeded its limits, was the artwork and no document.
            words = fault.detail or fault.entry.meaning
            raise DocumentFault("seal.artwork-unreadable", f"too costly: {words}") from fault

    def from_drawing(self, drawing: Drawing, page: Path) -> MadePage:
        """Write a drawing to `page`."""
        return self._made(wire.DrawingRequest.of(drawing, page))

    def _made(self, call: wire.Call) -> MadePage:
        answer = self._ask(call)
        if answer.made is None:
            raise InternalFault(ValueError("the reader made no page"))
        return answer.made

    def close(self) -> None:
        """End all children; calls still under way fail."""
        self._closed.set()
        for _ in range(self._limits.readers):
            child = self._idle.get()
            if child is not None:
                child.end()
            self._idle.put(None)

    def _ask(self, call: wire.Call) -> wire.Answer:
        passwords = tuple(password.value for password in self._passwords)
        text = wire.Request(call=call, passwords=passwords).model_dump_json().encode()
        try:
            answer = self._once(text)
        except _Died as death:
            if death.signal in (signal.SIGXCPU, signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT):
                raise _blame(death) from None
            try:
                answer = self._once(text)
            except _Died as again:
                raise _blame(again) from None
        if answer.fault is not None:
            raise _fault(answer.fault)
        return answer

    def _once(self, text: bytes) -> wire.Answer:
        child = self._idle.get()
        keep: _Child | None = None
        try:
            child = child or _Child(self._limits)
            reply = child.ask(text, self._limits.document_seconds * 1.5 + 5)
            keep = child if child.requests < _RECYCLE_AFTER else None
            return wire.Answer.model_validate_json(reply)
        except _Timeout:
            raise DocumentFault("pdf.too-costly", "time") from None
        finally:
            if keep is None and child is not None:
                child.end()
            self._idle.put(keep)


def _blame(death: _Died) -> DocumentFault:
    if death.signal == signal.SIGXCPU:
        return DocumentFault("pdf.too-costly", "processor time")
    if death.signal == signal.SIGKILL:
        return DocumentFault("pdf.too-costly", "memory")
    return DocumentFault("pdf.unreadable", f"reading it ended the reader (signal {death.signal})")


def _fault(fault: wire.Fault) -> Exception:
    """Raise in the parent what was raised in the child, and nothing that is not a known code."""
    kinds = {Scope.DOCUMENT: DocumentFault, Scope.SITE: SiteFault, Scope.SERVICE: ServiceFault}
    try:
        return kinds[fault.scope](fault.code, fault.detail)
    except (KeyError, ValueError):
        return InternalFault(RuntimeError(fault.detail))
