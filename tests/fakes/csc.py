"""A digest service that has something against certain documents: no real one can be told to."""

from __future__ import annotations

from gateway.core.errors import Charge, ServiceFault
from gateway.ports import Authorization, Credential
from tests.pdf.conftest import Key


class PickyService:
    """Signs in this process, but fails for digests it is told to dislike."""

    def __init__(self, key: Key, name: str = "picky") -> None:
        self.name = name
        self.idempotent = True
        self.charged = 0
        self.lose_answers = 0
        """So many of the next answers get lost after they were charged."""
        self.signed: list[bytes] = []
        self.disliked: set[bytes] = set()
        self.dislike_next = 0
        self.down = False
        self._key = key

    def credential(self) -> Credential:
        """Return the key's credential."""
        return self._key.signer.credential

    def authorize(self, digests: tuple[bytes, ...]) -> Authorization:
        """Permit everything."""
        return Authorization(digests, "permitted")

    def sign(self, authorization: Authorization) -> tuple[bytes, ...]:
        """Sign, or fail as told."""
        (digest,) = authorization.digests
        if self.down:
            raise ServiceFault("service.unreachable", "told to be down")
        if self.dislike_next and digest not in self.disliked:
            self.disliked.add(digest)
            self.dislike_next -= 1
        if digest in self.disliked:
            raise ServiceFault("service.failed", "told to", charge=Charge.UNKNOWN)
        self.signed.append(digest)
        self.charged += 1
        if self.lose_answers:
            self.lose_answers -= 1
            raise ServiceFault("service.no-answer", "told to lose it", charge=Charge.UNKNOWN)
        return (self._key.sign(digest),)
