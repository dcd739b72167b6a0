"""What a plain HTTP digest service's refusal means for our work.

Such services share no error format, so a refusal is judged by its status; two families of
words that some say with 400 (throttling, bad logins) are told apart as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from gateway.core.errors import Charge, ServiceFault
from gateway.services.http import Answer

_LONGEST = 160
_UNCERTAIN = frozenset({408, 409, 425, 499})
"""Of 4xx, those after which the request may still be under way."""
_BUSY = re.compile(r"throttl|rate exceeded|too many requests|limitexceeded", re.IGNORECASE)
_LOGIN = re.compile(
    r"access ?denied|unrecogni[sz]edclient|signaturedoesnotmatch|invalidsignature"
    r"|expired ?token|incompletesignature|missingauthentication",
    re.IGNORECASE,
)


def refusal(answer: Answer, secrets: Iterable[str]) -> ServiceFault:
    """Translate an answer that is not 200 or 201; `secrets` are blotted out of what it says."""
    said = _said(answer, secrets)
    certain = 400 <= answer.status < 500 and answer.status not in _UNCERTAIN
    charge = Charge.NEVER if certain else answer.charge
    detail = f"HTTP status {answer.status}" + (f", {said}" if said else "")
    code = _code(answer.status, said)
    return ServiceFault(code, detail, charge=charge, retry_after=answer.retry_after)


def _code(status: int, said: str) -> str:
    if status in (401, 403):
        return "service.login-refused"
    if status == 402:
        return "service.out-of-quota"
    if status == 429 or (status == 400 and _BUSY.search(said)):
        return "service.busy"
    if status >= 500:
        return "service.failed"
    if status == 400 and _LOGIN.search(said):
        return "service.login-refused"
    return "service.refused" if status >= 300 else "service.protocol"


def _said(answer: Answer, secrets: Iterable[str]) -> str:
    """Return what the service says, on one line, bounded, without anything secret in it."""
    if not (answer.content_type.startswith("text/plain") or "json" in answer.content_type):
        return ""
    said = answer.body.decode("utf-8", "replace")
    for secret in secrets:
        if secret:
            said = said.replace(secret, "…")
    said = " ".join("".join(c if c.isprintable() else " " for c in said).split())
    return said[:_LONGEST]
