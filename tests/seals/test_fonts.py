"""Fonts of drawn seals."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest
from fontTools.cffLib import CFFFontSet
from fontTools.ttLib import TTFont

from gateway.core.drawing import FontSubset
from gateway.core.errors import DocumentFault, SiteFault
from gateway.seals import font_faces, subsets
from gateway.seals.artist import DesignArtist
from gateway.seals.designs import parse_design
from gateway.seals.fonts import FontChoice, FontLibrary
from tests.seals.drawing import VALUES, draw, ink_box, written

_DEJAVU = Path("/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf")


def _subset(family: str, text: str) -> tuple[FontSubset, dict[str, int]]:
    letters = FontLibrary().letters(text, FontChoice((family,)))
    found = subsets.subset_of(letters[0].typeface.face, frozenset(text))
    return found.font, found.numbers


def test_missing_character_is_named() -> None:
    """A character that no font has is refused by name and code point, with a package."""
    with pytest.raises(DocumentFault) as refused:
        draw(kind="text", lines=[{"text": "A \U0001f9ff"}])
    assert refused.value.code == "seal.glyph-missing"
    assert "U+1F9FF NAZAR AMULET" in refused.value.detail
    assert "fonts-" in refused.value.detail


def test_scripts_that_need_shaping_are_refused() -> None:
    """Arabic set letter after letter would be wrong, so it is refused."""
    with pytest.raises(DocumentFault, match="needs shaping"):
        draw(kind="text", lines=[{"text": "ختم"}])


def test_mixed_text_is_whole() -> None:
    """A text of several scripts keeps every character, in order, from as many fonts as it takes."""
    text = "ACME Łódź é 北京（上海）★ №1"
    drawing = draw(kind="text", lines=[{"text": text, "font": {"families": ["DejaVu Serif"]}}])
    assert written(drawing) == text
    assert {font.outlines for font in drawing.fonts} == {"truetype", "cff"}


def test_composed_accents() -> None:
    """An accent that stands by itself joins its letter."""
    assert written(draw(kind="text", lines=[{"text": "e\u0301"}])) == "é"


@pytest.mark.parametrize("family", ["Noto Serif CJK SC", "AR PL UMing CN", "DejaVu Serif"])
def test_subsets_are_deterministic(family: str) -> None:
    """The same font and characters give the same bytes."""
    first, _ = _subset(family, "Seal 2026")
    subsets.subset_of.cache_clear()
    second, _ = _subset(family, "Seal 2026")
    assert first == second


def test_compact_outlines_are_numbered_as_their_cids() -> None:
    """A CID-keyed font is a bare CFF table in which each glyph's CID is its number."""
    font, numbers = _subset("Noto Serif CJK SC", "北京AB1")
    assert font.outlines == "cff"
    table = CFFFontSet()
    table.decompile(io.BytesIO(font.program), None)
    top = table.topDictIndex[0]
    assert hasattr(top, "ROS")
    assert top.charset == [".notdef", *(f"cid{n:05d}" for n in range(1, len(font.widths)))]
    assert font.widths[numbers["北"]] == 1000
    left, bottom, right, top_edge = ink_box(font, numbers["京"]) or (0, 0, 0, 0)
    assert right - left > 800
    assert top_edge - bottom > 800
    assert len(font.program) < 3000


def test_truetype_has_what_a_pdf_needs() -> None:
    """A TrueType subset is a font file with outlines and measures, and nothing else."""
    font, numbers = _subset("DejaVu Serif", "ABé")
    assert font.outlines == "truetype"
    opened = TTFont(io.BytesIO(font.program))
    assert {"glyf", "loca", "head", "hhea", "hmtx", "maxp"} <= set(opened.keys())
    assert not {"cmap", "name", "GSUB", "GPOS", "OS/2"} & set(opened.keys())
    assert len(font.widths) == opened["maxp"].numGlyphs
    original = TTFont(_DEJAVU)
    advance = original["hmtx"][original.getBestCmap()[ord("é")]][0]
    assert font.widths[numbers["é"]] == advance
    assert font.capital == original["glyf"]["H"].yMax


def test_changing_lines_share_one_subset() -> None:
    """Another date and number need no other font, so that fonts are cut once."""
    design = parse_design({"kind": "text", "lines": [{"text": "{date} No. {serial}"}]})
    artist = DesignArtist()
    one = artist.draw(design, VALUES)
    other = artist.draw(design, {"moment": "2031-05-07T00:00:00Z", "serial": "98765"})
    assert one.fonts == other.fonts
    assert one.marks != other.marks


def test_a_named_font_must_be_there() -> None:
    """A design that names only fonts that are not installed holds work, and says which."""
    with pytest.raises(SiteFault) as held:
        draw(kind="text", lines=[{"text": "A", "font": {"families": ["No Such Font"]}}])
    assert held.value.code == "site.font-missing"
    assert "No Such Font" in held.value.detail


def test_a_machine_without_fonts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no font at all, work is held until one is installed."""
    monkeypatch.setattr("gateway.seals.fonts.system_folders", lambda: (tmp_path,))
    with pytest.raises(SiteFault) as held:
        DesignArtist().draw(parse_design({"kind": "text", "lines": [{"text": "A"}]}), {})
    assert held.value.code == "site.font-missing"


def test_licences_are_respected(tmp_path: Path) -> None:
    """A font whose licence forbids embedding is refused when it is named, else passed over."""
    font = TTFont(_DEJAVU)
    font["OS/2"].fsType = 0x0002
    for record in font["name"].names:
        if record.nameID in (1, 16):
            record.string = "Forbidden Serif"
    font.save(tmp_path / "forbidden.ttf")
    design = {"kind": "text", "lines": [{"text": "A", "font": {"families": ["Forbidden Serif"]}}]}
    with pytest.raises(DocumentFault, match="licence of the font"):
        DesignArtist((tmp_path,)).draw(parse_design(design), {})


def test_damaged_fonts_are_passed_over(tmp_path: Path) -> None:
    """A broken file among the fonts harms nobody; the site's own fonts are found."""
    (tmp_path / "broken.ttf").write_bytes(_DEJAVU.read_bytes()[:5000])
    (tmp_path / "words.otf").write_text("no font")
    shutil.copy(_DEJAVU, tmp_path / "good.ttf")
    found = font_faces.faces_in((tmp_path,))
    assert [face.path.name for face in found] == ["good.ttf"]
