"""The JSON in which programs get notices, in webhooks and on standard input alike."""

from __future__ import annotations

import json

from gateway.core.notice_texts import Message
from gateway.core.notices import facts


def payload(message: Message) -> bytes:
    """Return a message as JSON: `type`, `timestamp` of the newest notice, and `data`.

    One notice's facts are the data; a digest's data are its `notices`.
    """
    told = [facts(notice) for notice in message.notices]
    digest = len(told) > 1
    value = {
        "type": "sealgate.digest" if digest else f"sealgate.{told[0]['event']}",
        "timestamp": told[-1]["at"],
        "data": {"notices": told} if digest else told[0],
    }
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
