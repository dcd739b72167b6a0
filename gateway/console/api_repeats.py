"""Requests with an Idempotency-Key: whoever sends one again gets the answer of the first time."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from typing import Annotated, TypeVar

from fastapi import Header
from pydantic import BaseModel

from gateway.core.errors import UsageFault
from gateway.core.names import display
from gateway.ports import Memory

Answer = TypeVar("Answer", bound=BaseModel)
Key = Annotated[str, Header(alias="Idempotency-Key", max_length=200)]


class _Kept(BaseModel):
    request: str
    """Hash of what was asked."""
    step: str
    """What it meant when it was asked."""
    answer: str = ""
    """Empty until it is done."""


class Repeats:
    """Remembers what keys stood for; safe to use from several threads."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._lock = threading.Lock()

    def answer(
        self,
        key: str,
        request: str,
        meant: Callable[[], str],
        do: Callable[[str], Answer],
        kind: type[Answer],
    ) -> Answer:
        """Return what `do` answers for the step that is meant, or what it answered before.

        The step is kept before anything is done: after a crash the same is done again, and no
        other step. Raises `UsageFault` (`usage.key-reused`) for a key of another request.
        """
        digest = hashlib.sha256(request.encode()).hexdigest()
        with self._lock:
            text = self._memory.recall(key)
            kept = _Kept.model_validate_json(text) if text else _Kept(request=digest, step=meant())
            if kept.request != digest:
                raise UsageFault("usage.key-reused", display(key.rpartition(":")[2]))
            if kept.answer:
                return kind.model_validate_json(kept.answer)
            if not text:
                self._memory.remember(key, kept.model_dump_json())
        done = do(kept.step)
        answered = kept.model_copy(update={"answer": done.model_dump_json()})
        self._memory.remember(key, answered.model_dump_json())
        return done
