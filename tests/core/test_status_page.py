"""The status page: what it says, in both languages, and that names cannot change what it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from gateway.core.chinese import CHINESE
from gateway.core.code_sentences import sentence_and_remedy
from gateway.core.error_codes import CODES
from gateway.core.names import is_partial
from gateway.core.notice_settings import Language
from gateway.core.status_page import (
    HTML_NAME,
    TEXT_NAME,
    Entry,
    InboxStatus,
    Section,
    render_html,
    render_text,
)

AT = datetime(2026, 1, 31, 9, 5, tzinfo=UTC)
HOSTILE = "</b><script>alert(1)</script>\"'&\r\n\n* fake.pdf\u202efdp.exe\x1b[31m合同\udce4.pdf"


class Tags(HTMLParser):
    """Collects the tags and the text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag, and that it has no handler of events and leads nowhere."""
        self.tags.add(tag)
        if tag != "meta":
            self.open.append(tag)
        assert all(not name.startswith("on") and name not in ("src", "href") for name, _ in attrs)

    def handle_endtag(self, tag: str) -> None:
        """Note that tags are closed in order."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note text."""
        self.text += data


def page(language: Language = Language.ENGLISH) -> InboxStatus:
    """Return a page with something in every section."""
    failure = Entry(HOSTILE, AT, "pdf.encrypted", HOSTILE, "Do this.", "/failed/" + HOSTILE)
    return InboxStatus(
        site=HOSTILE,
        inbox="documents",
        language=language,
        running=True,
        arriving=Section((Entry("a.pdf", AT),), 1234),
        sealing=Section((Entry("b.pdf", AT),)),
        held=Section((Entry("c.pdf", AT, "service.busy", "It is busy.", "Wait."),)),
        failed=Section((failure,)),
    )


@pytest.mark.parametrize("language", Language)
def test_hostile_names_stay_text(language: Language) -> None:
    """No name adds a tag, a line or a direction of reading; every tag is closed."""
    html, text = render_html(page(language), AT), render_text(page(language), AT)
    tags = Tags()
    tags.feed(html)
    assert tags.open == []
    assert "script" not in tags.tags
    assert "<script>alert(1)</script>" in tags.text
    for shown in (html, text):
        assert not {"\u202e", "\x1b", "\r", "\udce4"} & set(shown)
        shown.encode()
    assert not any(line.startswith("* fake.pdf") for line in text.splitlines())
    assert sum(line.startswith("* ") for line in text.splitlines()) == 4


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (Language.ENGLISH, ["Not sealed", "Being sealed", "Arriving (1235)", "… and 1234 more"]),
        (Language.CHINESE, ["未盖章", "正在盖章", "正在接收 (1235)", "……另有 1234 个"]),
    ],
)
def test_says_everything(language: Language, words: list[str]) -> None:
    """Each section is there with its documents, reasons and remedies, in the site's language."""
    text, html = render_text(page(language), AT), render_html(page(language), AT)
    for word in [*words, "a.pdf", "c.pdf", "It is busy. [service.busy]", "Do this."]:
        assert word in text
    assert f'<html lang="{language.value}">' in html
    assert "2026-01-31 09:05" in html
    assert "prefers-color-scheme:dark" in html
    assert '<meta http-equiv="refresh"' in html


@pytest.mark.parametrize("language", Language)
def test_headlines_differ(language: Language) -> None:
    """Ready, working, paused and not running are told apart at first sight."""
    ready = InboxStatus("Site", "in", language, running=True)
    stop = Section((Entry("All", AT, "site.disk-full", "Full.", "Make room."),))
    pages = (ready, page(language), replace(ready, stopped=stop), replace(ready, running=False))
    assert len({render_text(one, AT).splitlines()[1] for one in pages}) == len(pages)
    assert ['class="state bad"' in render_html(one, AT) for one in pages] == [
        False,
        False,
        True,
        True,
    ]


def test_never_a_document() -> None:
    """Both pages have names that no inbox takes."""
    assert is_partial(TEXT_NAME)
    assert is_partial(HTML_NAME)


def test_sentences_of_both_languages() -> None:
    """Each code there is has words in either language, and no other code has any."""
    assert CHINESE.keys() == CODES.keys()
    for code in CODES:
        for language in Language:
            assert all(sentence_and_remedy(code, language))
    assert "加密" in sentence_and_remedy("pdf.encrypted", Language.CHINESE)[0]
    assert "encrypted" in sentence_and_remedy("pdf.encrypted", Language.ENGLISH)[0]
