"""The page that tells whoever drops documents what became of them: as text and as HTML.

Everything on it was written by others (names of files, details of errors), so it is shown as
printable characters of one line, and in HTML escaped and kept from turning the direction of
reading of what stands beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from html import escape

from gateway.core.names import display
from gateway.core.notice_settings import Language
from gateway.core.notice_texts import one_line
from gateway.core.status_words import REFRESH_SECONDS, STYLE, WORDS, Words

TEXT_NAME = "_STATUS.txt"
HTML_NAME = "_STATUS.html"

_LONGEST = 400
"""Characters of one sentence."""


@dataclass(frozen=True)
class Entry:
    """One document, or something that stops several of them."""

    name: str
    """Path below the inbox; of what stops several, what is stopped."""
    since: datetime
    """In the zone in which it is to be shown."""
    code: str = ""
    sentence: str = ""
    remedy: str = ""
    place: str = ""
    """Where the document lies now."""


@dataclass(frozen=True)
class Section:
    """Documents that stand alike: those shown, and how many more there are."""

    entries: tuple[Entry, ...] = ()
    more: int = 0

    @property
    def count(self) -> int:
        """Return how many there are altogether."""
        return len(self.entries) + self.more


@dataclass(frozen=True)
class InboxStatus:
    """One inbox at one moment; equal when its page would say the same."""

    site: str
    inbox: str
    language: Language
    running: bool
    """Sealgate works; False on the page that it leaves behind when it ends."""
    stopped: Section = Section()
    """What stops the whole inbox."""
    arriving: Section = Section()
    sealing: Section = Section()
    held: Section = Section()
    failed: Section = Section()

    def sections(self) -> tuple[tuple[str, Section], ...]:
        """Return name and content of each section in the order of the page."""
        return (
            ("stopped", self.stopped),
            ("failed", self.failed),
            ("held", self.held),
            ("sealing", self.sealing),
            ("arriving", self.arriving),
        )


def render_text(status: InboxStatus, at: datetime) -> str:
    """Return the page as plain text; `at` is when it began to be true."""
    words = WORDS[status.language]
    lines = [f"{_shown(status.site)} · {_shown(status.inbox)}", _headline(status, words)]
    lines += [f"{words.since}: {_time(at)}", ""]
    for name, section in status.sections():
        if not section.count:
            continue
        title = f"{words.titles[name]} ({section.count})"
        lines += [title, "-" * _width(title)]
        for entry in section.entries:
            lines.append(f"* {_shown(entry.name)}  [{_time(entry.since)}]")
            lines += [f"    {label}: {value}" for label, value in _facts(entry, words)]
        if section.more:
            lines.append(words.more.format(count=section.more))
        lines.append("")
    lines.append(words.note)
    return "\n".join(lines) + "\n"


def render_html(status: InboxStatus, at: datetime) -> str:
    """Return the page as HTML that needs nothing else and looks for itself anew."""
    words = WORDS[status.language]
    title = f"{_html(status.inbox)} · {_html(status.site)}"
    body = "".join(_section(name, section, words) for name, section in status.sections())
    state = "good" if status.running and not status.stopped.count else "bad"
    return f"""<!DOCTYPE html>
<html lang="{status.language.value}">
<head>
<meta charset="utf-8">
<meta http-equiv="refresh" content="{REFRESH_SECONDS}">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>{STYLE}</style>
</head>
<body>
<header><h1><bdi>{_html(status.inbox)}</bdi></h1><p><bdi>{_html(status.site)}</bdi></p></header>
<p class="state {state}">{escape(_headline(status, words))}</p>
<p class="since">{escape(words.since)}: <time>{_time(at)}</time></p>
<main>
{body}</main>
<footer>{escape(words.note)}</footer>
</body>
</html>
"""


def _headline(status: InboxStatus, words: Words) -> str:
    if not status.running:
        return words.not_running
    if status.stopped.count:
        return words.paused
    waiting = status.arriving.count + status.sealing.count + status.held.count
    return words.busy.format(count=waiting) if waiting else words.idle


def _section(name: str, section: Section, words: Words) -> str:
    if not section.count:
        return ""
    rows = "".join(_row(entry, words) for entry in section.entries)
    more = f"<li>{escape(words.more.format(count=section.more))}</li>\n" if section.more else ""
    title = f"{escape(words.titles[name])} <span>{section.count}</span>"
    return f'<section class="{name}">\n<h2>{title}</h2>\n<ul>\n{rows}{more}</ul>\n</section>\n'


def _row(entry: Entry, words: Words) -> str:
    facts = "".join(
        f"<dt>{escape(label)}</dt><dd><bdi>{escape(value)}</bdi></dd>"
        for label, value in _facts(entry, words)
    )
    details = f"<dl>{facts}</dl>" if facts else ""
    name = f"<b><bdi>{_html(entry.name)}</bdi></b>"
    return f"<li>{name} <time>{_time(entry.since)}</time>{details}</li>\n"


def _facts(entry: Entry, words: Words) -> list[tuple[str, str]]:
    """Return what is known of an entry besides its name and time, labelled, as printable text."""
    sentence = f"{entry.sentence} [{entry.code}]" if entry.code else entry.sentence
    facts = (
        (words.why, sentence),
        (words.remedy, entry.remedy),
        (words.place, entry.place),
    )
    return [(label, _shown(value)) for label, value in facts if value]


def _shown(text: str) -> str:
    shown = one_line(display(text))
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"


def _html(text: str) -> str:
    return escape(_shown(text))


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M")


def _width(text: str) -> int:
    """Return how many columns a title takes: ideographs take two."""
    return sum(1 if ord(one) < 0x2E80 else 2 for one in text)
