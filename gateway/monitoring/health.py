"""Health and readiness, as answers to whoever asks."""

from __future__ import annotations

import json
from dataclasses import dataclass

from gateway.core.error_codes import CODES
from gateway.core.errors import SealgateError
from gateway.ports import Hold, Holds, Watched

_ROUND_SECONDS = 120.0
"""A round that takes longer is taken for a hang, as the supervisor of the service does."""


@dataclass(frozen=True)
class Answer:
    """What is sent back."""

    status: int
    content: bytes
    kind: str = "application/json"


def health(watched: Watched) -> Answer:
    """Tell whether rounds of work go on; whoever starts us again may rely on it."""
    seconds = watched.since_round()
    alive = seconds < _ROUND_SECONDS
    return _answer(alive, {"alive": alive, "seconds_since_round": round(seconds, 1)})


def readiness(holds: Holds) -> Answer:
    """Tell whether documents can be sealed at all: the ledger is usable, the site not held."""
    try:
        now = holds.all()
    except SealgateError as error:
        reason = _reason("ledger", error.code)
        return _answer(False, {"ready": False, "reasons": [reason], "held": []})
    reasons = [_of(hold) for hold in now if hold.subject == "site"]
    others = [_of(hold) for hold in now if hold.subject != "site"]
    return _answer(not reasons, {"ready": not reasons, "reasons": reasons, "held": others})


def _of(hold: Hold) -> dict[str, str]:
    since = hold.since.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {**_reason(hold.subject, hold.code), "since": since}


def _reason(subject: str, code: str) -> dict[str, str]:
    """Say why, without the details of the case: those may name files, and nobody logs in here."""
    entry = CODES[code]
    return {
        "subject": subject,
        "code": code,
        "sentence": entry.meaning,
        "remedy": entry.remedy,
    }


def _answer(good: bool, content: dict[str, object]) -> Answer:
    text = json.dumps(content, ensure_ascii=False) + "\n"
    return Answer(200 if good else 503, text.encode())
