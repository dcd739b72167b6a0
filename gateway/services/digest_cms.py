"""Services that take a document's digest and return a detached CMS (PKCS#7) over it.

How large such an answer is depends on what the service puts in: chain, time-stamp, revocation
data. Room for it must be kept in the file before anything is sent, and cannot grow afterwards.
So ample room is kept at first, and what came is remembered: each next file keeps room for the
largest so far, and a margin.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from gateway.core.errors import ServiceFault
from gateway.core.services import DigestCmsSettings, ServiceSettings
from gateway.ports import AnswerForm, Authorization, Clock, Credential, Memory, Outcome
from gateway.services.cms_check import checked_cms
from gateway.services.digest_call import DigestCall
from gateway.services.digest_raw import one_digest

_AMPLE = 16384
"""Bytes kept besides the chain for a CMS without time-stamp when none has come yet."""
_AMPLE_STAMPED = 32768
"""The same for one with its time-stamp, and perhaps revocation data."""
_LEAST = 8192
"""Bytes kept however small the answers were."""
_MARGIN = 4096
"""Bytes, at least, by which the next answer may exceed the largest so far; else by half of it."""


class DigestCmsService:
    """One signer of one service, a digest a call; safe to use from several threads."""

    def __init__(
        self,
        settings: ServiceSettings,
        family: DigestCmsSettings,
        clock: Clock,
        memory: Memory,
        *,
        sandbox_allowed: bool,
        resolve: Callable[[str], str] = lambda url: url,
    ) -> None:
        self.name = settings.name
        self.idempotent = settings.idempotent
        self._family = family
        self._memory = memory
        self._call = DigestCall(
            family.call, settings.access, clock, resolve, sandbox_allowed=sandbox_allowed
        )

    def credential(self) -> Credential:
        """Return the credential of the file of certificates, with the room to keep."""
        described = self._call.credential()
        return replace(
            described,
            answer=AnswerForm.CMS,
            timestamped=self._family.timestamped,
            reserve=self._reserve(described.chain),
        )

    def authorize(self, digests: tuple[bytes, ...]) -> Authorization:
        """Permit what one call can carry: the service asks for no permission of its own."""
        return one_digest(digests)

    def sign(self, authorization: Authorization) -> tuple[Outcome, ...]:
        """Send the digest and return the checked CMS as DER."""
        (digest,) = authorization.digests
        credential = self.credential()
        found = self._call.send(digest)
        try:
            content = checked_cms(credential, digest, found.signature)
        except ServiceFault as fault:
            raise ServiceFault(
                fault.code, f"{fault.detail}{found.call}", charge=fault.charge
            ) from fault
        self._learn(len(content))
        return (content,)

    def _reserve(self, chain: tuple[bytes, ...]) -> int:
        largest = self._largest()
        if largest:
            return max(self._family.reserve, _LEAST, largest + max(_MARGIN, largest // 2))
        ample = _AMPLE_STAMPED if self._family.timestamped else _AMPLE
        return self._family.reserve or ample + sum(len(certificate) for certificate in chain)

    def _largest(self) -> int:
        written = self._memory.recall(self._key) or ""
        return int(written) if written.isdecimal() else 0

    def _learn(self, size: int) -> None:
        if size > self._largest():
            self._memory.remember(self._key, str(size))

    @property
    def _key(self) -> str:
        return f"largest-cms:{self.name}"
