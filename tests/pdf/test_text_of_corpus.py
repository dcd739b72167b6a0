"""Words of real documents are found where poppler's pdftotext sees them."""

from __future__ import annotations

import html
import re
import subprocess
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.core.errors import DocumentFault
from gateway.core.facts import NOTHING, DocumentFacts, TextHit, TextQuery, Wanted
from gateway.pdf.facts import examine
from gateway.pdf.reader import ReaderDocuments
from gateway.pdf.runs import MOST_AREAS
from tests.e2e.test_corpus import CORPUS, documents

SLACK = 2.0
"""Points by which a hit's centre may lie outside of poppler's box."""

TEXTLESS = (
    "pdf.js--bitmap-refine-page.pdf",
    "pdf.js--issue269_1.pdf",
    "pdf.js--issue5475.pdf",
    "pikepdf--pal.pdf",
    "pypdf--git.pdf",
    "qpdf--png-filters-1-column.pdf",
)

DOCUMENTS = {
    "pypdf--issue-914-xmp-data.pdf": ("商品编码", "商品名称", "数量", "散称华联粉条"),
    "pyHanko--form-fill-result.pdf": ("Hello", "World"),
    "pdfbox--PDFBOX-3833-reduced.pdf": ("ターン",),
    "pdf.js--bug1046314.pdf": ("แปล",),
    "pdfcpu--UserFont_Arabic.pdf": ("الكتاب", "المغامرات", "المدرسة"),
    "pdfbox--hello3.pdf": ("Hello", "محمد", "World"),
    "pdfcpu--greek.pdf": ("επίδειξης", "Φόρμα"),
    "pdfcpu--bulgarian.pdf": ("разкажете", "форма"),
    "pdfcpu--czech.pdf": ("formulář", "Řekněte"),
    "pdfcpu--swedish.pdf": ("Demoformulär", "Berätta", "Förnamn"),
    "pdfcpu--person_28.pdf": ("Occupation", "Impact"),
    "pdfcpu--TextAlignCenter.pdf": ("WALDEN", "Nature’s"),
    "pdfcpu--TextRenderMode2.pdf": ("WALDEN",),
    "pdfbox--rot90.pdf": ("rotation",),
    "pdf.js--issue14415.pdf": ("Authority", "agreement"),
    "pdf.js--issue14497.pdf": ("DAVID", "ABRAHAMSE", "SURVEYORS"),
    "pdf.js--pr20043.pdf": ("lowly",),
    "qpdf--inherited-rotate.pdf": ("Potato",),
    "qpdf--fxo-red-rotate.pdf": ("Page", "red"),
    "qpdf--fx-overlay-56.pdf": ("Page", "red", "blue"),
    "qpdf--uo-2.pdf": ("Page", "blue"),
    "qpdf--overlay-copy-annotations-p2.pdf": ("Page", "scale"),
    "pdf.js--bug1947248_forms.pdf": ("Hello", "World"),
    "pyHanko--CompactedPDFSyntaxTest.pdf": ("compacted", "syntax"),
    "qpdf--V4-aes.pdf": ("Potato",),
    "qpdf--enc-R3_V2_O_master.pdf": ("Potato",),
    "pdfcpu--testPAdES_BLT.pdf": ("Test",),
    "pdf.js--issue18693.pdf": ("hello",),
    "pdf.js--bug1337429.pdf": ("0123456789",),
    "pdf.js--pdfjs_wikipedia.pdf": ("PDF.js", "Mozilla"),
    "pdf.js--issue13447.pdf": ("Lorem", "consectetur"),
    "pdfbox--sample_fonts_solidconvertor.pdf": ("pokusný", "Verdana"),
    "pdfbox--Overlayed-with-rot0.pdf": ("jeopardize", "gunboats"),
    "pdfbox--PDFBOX-4417-001031.pdf": ("Improving", "Secretary’s", "Administration"),
    "pdfbox--PDFBOX-4417-054080.pdf": ("SANTEE", "RIVER"),
    "pdfbox--PDFBOX-5762-722238.pdf": ("CHAPTER", "TABLE"),
    "pypdf--outline-without-title.pdf": ("Contents", "gefburn"),
    "pikepdf--form_dd0293.pdf": ("“optional”",),
    "veraPDF-corpus--7.2-t29-fail-k.pdf": ("Catálogo",),
}


@dataclass(frozen=True)
class Word:
    """A word as poppler tells it: page and corners from the top left of the displayed page."""

    text: str
    page: int
    left: float
    top: float
    right: float
    bottom: float

    def holds(self, hit: TextHit, unit: float) -> bool:
        """Tell whether a hit's centre lies within; poppler leaves out UserUnit."""
        x = (hit.box.x + hit.box.width / 2) / unit
        y = (hit.box.y + hit.box.height / 2) / unit
        across = self.left - SLACK <= x <= self.right + SLACK
        return across and self.top - SLACK <= y <= self.bottom + SLACK

    def says(self, words: str) -> bool:
        """Tell whether it has the words, be they written from the right, or their last part."""
        return words in self.text or words in self.text[::-1] or words.endswith(self.text)


def words_of(name: str) -> list[Word]:
    """Return poppler's words of a document."""
    command = ("pdftotext", "-cropbox", "-bbox", CORPUS / name, "-")
    told = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout.decode()
    pattern = re.compile(
        r'<word xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="([-\d.]+)">(.*?)</word>'
    )
    return [
        Word(plain(html.unescape(text)), page, *map(float, corners))  # type: ignore[arg-type]
        for page, part in enumerate(told.split("<page ")[1:])
        for *corners, text in pattern.findall(part)
    ]


def plain(text: str) -> str:
    """Undo compatibility forms, as both sides may have them."""
    return unicodedata.normalize("NFKC", text)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_words_where_poppler_sees_them(name: str) -> None:
    """Each hit stands in poppler's word, and each of poppler's words on the page has a hit."""
    documents()
    queries = tuple(TextQuery(words) for words in DOCUMENTS[name])
    facts = examine(CORPUS / name, Wanted(queries, text_boxes=True))
    told = words_of(name)
    for query in queries:
        hits = [hit for hit in facts.hits if hit.query == query]
        assert hits, query.words
        for hit in hits:
            unit = facts.pages[hit.page].user_unit
            near = [word for word in told if word.page == hit.page and word.holds(hit, unit)]
            assert any(word.says(plain(query.words)) for word in near), (hit, near)
            assert any(
                box.x - 1 <= hit.box.x + hit.box.width / 2 <= box.x + box.width + 1
                and box.y - 1 <= hit.box.y + hit.box.height / 2 <= box.y + box.height + 1
                for box in facts.text_boxes[hit.page]
            ), "text stands where no text is told"
        exact = [word for word in told if plain(query.words) in (word.text, word.text[::-1])]
        for word in exact:
            unit = facts.pages[word.page].user_unit
            assert any(hit.page == word.page and word.holds(hit, unit) for hit in hits), word


@pytest.mark.parametrize("name", TEXTLESS)
def test_textless(name: str) -> None:
    """A document in which poppler sees no word is said to have no text."""
    documents()
    assert not words_of(name)
    assert examine(CORPUS / name, Wanted((TextQuery("the"),))).textless


def test_whole_corpus(reader: ReaderDocuments) -> None:
    """Looking for words refuses no document that is read without it, and tells bounded things."""
    queries = (TextQuery("the"), TextQuery("盖章处"), TextQuery(r"\w+ (\w+)", expression=True))
    wanted = Wanted((*queries, TextQuery(".+", expression=True)), text_boxes=True)

    def outcome(path: Path, asked: Wanted) -> DocumentFacts | str:
        try:
            return reader.examine(path, asked)
        except DocumentFault as fault:
            return fault.code

    for path in documents():
        plainly, facts = outcome(path, NOTHING), outcome(path, wanted)
        if isinstance(facts, str) or isinstance(plainly, str):
            assert facts == plainly, path.name
            continue
        assert facts.pages == plainly.pages
        assert all(hit.text and hit.page < len(facts.pages) for hit in facts.hits)
        assert max(map(len, facts.text_boxes)) <= MOST_AREAS
