"""What can be wrong with telling somebody: notices wait or are laid aside, documents go on."""

from __future__ import annotations

from gateway.core.error_code import ErrorCode, Scope, usage


def _notice(code: str, retryable: bool, meaning: str, remedy: str) -> ErrorCode:
    return ErrorCode(code, Scope.NOTICE, retryable, meaning, remedy)


NOTICE_CODES = (
    _notice(
        "notice.unreachable",
        True,
        "The target of notices cannot be reached.",
        "Check its address and the network; it is tried again by itself.",
    ),
    _notice(
        "notice.no-answer",
        True,
        "The target of notices did not answer, or not in time.",
        "See what it does; it is tried again by itself and may be told twice, with the same id.",
    ),
    _notice(
        "notice.tls",
        True,
        "No trusted encrypted connection to the target of notices is possible.",
        "Check its certificate, or name the private authority: ca_file.",
    ),
    _notice(
        "notice.login-refused",
        True,
        "The target of notices refuses the login.",
        "Correct name or password of the notice, then restart Sealgate.",
    ),
    _notice(
        "notice.not-now",
        True,
        "The target of notices could not take it now.",
        "It is tried again by itself.",
    ),
    _notice(
        "notice.refused",
        False,
        "The target of notices refuses it for good.",
        "Correct address, recipients or what receives it; then: sealgate notices retry.",
    ),
    _notice(
        "notice.unexpected",
        True,
        "Something happened while telling that Sealgate does not foresee.",
        "Report this; it is tried again by itself, and no document is concerned.",
    ),
    usage(
        "usage.unknown-notice",
        "There is no notice of this name in gateway.yaml.",
        "Name one of those that stand below notices:.",
    ),
)
