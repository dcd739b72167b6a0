"""What a code means and what to do, in the language of whoever reads it."""

from __future__ import annotations

from gateway.core.chinese import CHINESE
from gateway.core.error_codes import CODES
from gateway.core.notice_settings import Language


def sentence_and_remedy(code: str, language: Language) -> tuple[str, str]:
    """Return what a code means and what to do."""
    if language is Language.CHINESE:
        return CHINESE[code]
    return CODES[code].meaning, CODES[code].remedy
