"""The parent's side: a small pool of warm child processes that read users' files.

A child that crashes or exceeds its limits ends alone; the document that did it fails, the
next request starts a new child. A death that we cannot pin on limits gets one more try, in
case the machine rather than the document was to blame.
"""

from __future__ import annotations

import errno
import queue
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
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
from gateway.pdf.giving import opened_for
from gateway.pdf.reader_process import Died, ReaderProcess, Timeout
from gateway.pdf.reader_spare import Spare
from gateway.pdf.spending import Spent
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
from gateway.ports.signers import SignatureParts

DRAWN_PIXELS = 1600
"""Longest side of a page drawn to be looked at."""
_RECYCLE_AFTER = 5000
"""Requests after which a child is replaced, so that no library's leak can add up: as soon as
another one is ready, for that takes half a second of a processor."""


_QUICK_SECONDS = 2.0
"""After so long a request steps aside: its child goes on, with less of the processor, and another
one serves those who wait."""


class ReaderDocuments:
    """`ports.Documents` and its kin by child processes; for many threads."""

    def __init__(self, limits: Limits, passwords: tuple[Secret, ...] = ()) -> None:
        self._limits = limits
        self._passwords = passwords
        """Tried on encrypted documents; told to a child through its pipe only."""
        self._idle: queue.LifoQueue[ReaderProcess | None] = queue.LifoQueue()
        for _ in range(limits.readers):
            self._idle.put(None)
        self._aside = threading.Semaphore(limits.readers)
        """Room for children that have stepped aside."""
        self._spent = Spent(limits.document_seconds)
        self.kept_from = wire.Ready(network=False, files=False)
        """What the kernel keeps the child from that was started last."""
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="reader-starter")
        """Its thread stays: to the kernel a child's parent is a thread, and askers come and go."""
        self._spare = Spare(self._started)

    def start_early(self) -> None:
        """Let a child be started for the first document that will come."""
        self._spare.order()

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

    def repair(self, original: Path, draft: Path) -> tuple[str, ...]:
        """Write the document with its structure mended to `draft`; return what was done."""
        return self._ask(wire.RepairRequest(original=original, draft=draft)).changes

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

    def signature_parts(self, path: Path) -> tuple[SignatureParts, ...]:
        """Return every signature of a document, taken apart."""
        return self._ask(wire.SignaturePartsRequest(path=path)).parts

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
                seam=expected.seam,
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
        except OSError as error:
            linked = error.errno == errno.ELOOP
            words = "it is a link: name the file itself" if linked else error.strerror or ""
            raise DocumentFault("seal.artwork-unreadable", words) from error
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
        self._spare.end()
        for _ in range(self._limits.readers):
            child = self._idle.get()
            if child is not None:
                child.end()
            self._idle.put(None)
        self._starter.shutdown()

    def _ask(self, call: wire.Call) -> wire.Answer:
        passwords = tuple(password.value for password in self._passwords)
        seconds = self._spent.left(call)
        request = wire.Request(call=call, seconds=seconds, passwords=passwords)
        text = request.model_dump_json().encode()
        with opened_for(call) as files:
            answer = self._answered(text, files)
            self._spent.note(call, answer.seconds)
            if answer.fault is not None:
                raise _fault(answer.fault)
        return answer

    def _answered(self, text: bytes, files: tuple[int, ...]) -> wire.Answer:
        try:
            return self._once(text, files)
        except Died as death:
            if death.signal == signal.SIGXCPU:
                raise _blame(death) from None
        # It may be what other documents, or the machine, did to the child: once more, in one that
        # nothing can have been done to.
        try:
            return self._once(text, files, fresh=True)
        except Died as again:
            raise _blame(again) from None

    def _once(self, text: bytes, files: tuple[int, ...], *, fresh: bool = False) -> wire.Answer:
        child = self._idle.get()
        keep: ReaderProcess | None = None
        aside = False
        try:
            if fresh and child is not None:
                child.end()
                child = None
            ahead = None if fresh else child or self._spare.take(wait=True)
            child = ahead or self._started()
            self.kept_from = child.kept_from
            child.ask(text, files)
            aside = not child.answers_within(_QUICK_SECONDS) and self._step_aside(child)
            answer = wire.Answer.model_validate_json(child.answer())
            if _out_of_memory(answer) and not fresh:
                raise Died(signal.SIGKILL)
            if not aside:
                keep = child if child.requests < _RECYCLE_AFTER else self._successor(child)
            return answer
        except Timeout:
            raise DocumentFault("pdf.too-costly", "time") from None
        finally:
            if keep is not child and child is not None:
                child.end()
            if aside:
                self._aside.release()
            else:
                self._idle.put(keep)

    def _started(self) -> ReaderProcess:
        return ReaderProcess(self._limits.document_memory, self._starter)

    def _successor(self, worn: ReaderProcess) -> ReaderProcess:
        """Return the child that is ready to take its place, else itself, until one is."""
        fresh = self._spare.take(wait=False)
        if fresh is None:
            self._spare.order()
        return fresh or worn

    def _step_aside(self, child: ReaderProcess) -> bool:
        """Let another child serve those who wait; False when so many have stepped aside."""
        if not self._aside.acquire(blocking=False):
            return False
        child.step_back()
        self._idle.put(None)
        return True


def _out_of_memory(answer: wire.Answer) -> bool:
    fault = answer.fault
    return fault is not None and (fault.code, fault.detail) == ("pdf.too-costly", "memory")


def _blame(death: Died) -> DocumentFault:
    if death.signal == signal.SIGXCPU:
        return DocumentFault("pdf.too-costly", "processor time")
    if death.signal in (signal.SIGKILL, signal.SIGABRT):
        # The kernel ended it, or a library that got no memory did.
        return DocumentFault("pdf.too-costly", "memory")
    return DocumentFault("pdf.unreadable", f"reading it ended the reader (signal {death.signal})")


def _fault(fault: wire.Fault) -> Exception:
    """Raise in the parent what was raised in the child, and nothing that is not a known code."""
    kinds = {Scope.DOCUMENT: DocumentFault, Scope.SITE: SiteFault, Scope.SERVICE: ServiceFault}
    try:
        return kinds[fault.scope](fault.code, fault.detail)
    except (KeyError, ValueError):
        return InternalFault(RuntimeError(fault.detail))
