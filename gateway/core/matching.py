"""Which rule applies to a document, and why the others before it did not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from gateway.core.facts import DocumentFacts, TextQuery
from gateway.core.rules import Rule, Rulebook


@dataclass(frozen=True)
class Look:
    """One rule that was looked at: whether it matched, and the reason in words."""

    rule: str
    matched: bool
    because: str


@dataclass(frozen=True)
class Decision:
    """The first matching rule, if any, with the trace of every rule looked at."""

    rule: Rule | None
    trace: tuple[Look, ...]


def decide(rulebook: Rulebook, inbox: str, source: str, facts: DocumentFacts) -> Decision:
    """Find the first rule of `inbox` that matches; `source` is the path below the inbox."""
    trace: list[Look] = []
    for rule in rulebook.for_inbox(inbox):
        objection = _objection(rule, source, facts)
        trace.append(Look(rule.name, objection is None, objection or "every condition holds"))
        if objection is None:
            return Decision(rule, tuple(trace))
    return Decision(None, tuple(trace))


def _objection(rule: Rule, source: str, facts: DocumentFacts) -> str | None:
    """Return the first condition that does not hold, in words, or None."""
    match = rule.match
    if match.paths and not any(matches_glob(source, glob) for glob in match.paths):
        return f"path is not {' or '.join(match.paths)}"
    for noun, condition, number in (
        ("pages", match.pages, len(facts.pages)),
        ("size", match.size, facts.size),
        ("signatures", match.signatures, len(facts.signatures)),
    ):
        if condition is not None and not condition.holds(number):
            return f"{noun}: {number} is not {condition.written}"
    return _content_objection(rule, facts)


def _content_objection(rule: Rule, facts: DocumentFacts) -> str | None:
    metadata = dict(facts.metadata)
    for key, pattern in rule.match.metadata:
        if not re.search(pattern, metadata.get(key, "")):
            return f"metadata {key} is {metadata.get(key, 'absent')!r}, not {pattern}"
    for glob in rule.match.fields:
        if not any(matches_glob(name, glob) for name in facts.form_fields):
            return f"no form field {glob}"
    for finding in rule.match.findings:
        if not finding.holds(facts.findings):
            return f"findings: it is not so that {finding.written}"
    text = rule.match.text
    if text is not None and not facts.pages_with(TextQuery(text, expression=True)):
        return f"no page has text {text}"
    return None


def matches_glob(path: str, glob: str) -> bool:
    """Tell whether a `/`-separated path fits a glob: `*`, `?`, `[…]`, and `**` across folders."""
    return _compiled(glob).fullmatch(path) is not None


@lru_cache(maxsize=1024)
def _compiled(glob: str) -> re.Pattern[str]:
    out, i = "", 0
    while i < len(glob):
        if glob.startswith("**/", i):
            out, i = out + "(?:.*/)?", i + 3
        elif glob.startswith("**", i):
            out, i = out + ".*", i + 2
        elif glob[i] == "*":
            out, i = out + "[^/]*", i + 1
        elif glob[i] == "?":
            out, i = out + "[^/]", i + 1
        elif glob[i] == "[" and "]" in glob[i + 2 :]:
            end = glob.index("]", i + 2)
            inside = glob[i + 1 : end].replace("\\", r"\\").replace("[", r"\[")
            negated = inside[0] == "!"
            out, i = out + ("[^/" + inside[1:] if negated else "[" + inside) + "]", end + 1
        else:
            out, i = out + re.escape(glob[i]), i + 1
    try:
        return re.compile(out, re.IGNORECASE | re.DOTALL)
    except re.error:  # a set that makes no sense, such as [z-a], stands for itself
        return re.compile(re.escape(glob), re.IGNORECASE)
