"""Names of files: unfinished ones, and those of results."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from gateway.core.names import (
    LONGEST,
    claim_values,
    display,
    is_partial,
    result_folder,
    result_name,
    shorten,
    windows_name,
)

_RECEIPT = len(".receipt.json")


@pytest.mark.parametrize(
    "name",
    [
        ".hidden.pdf",
        "._a.pdf",
        "~$a.docx",
        "a.pdf.part",
        "a.pdf.PARTIAL",
        "a.filepart",
        "a.tmp",
        "a.crdownload",
        "a.pdf.writing",
        "@eaDir",
        "Thumbs.db",
        "desktop.ini",
        "a.syncthing.pdf",
        ".syncthing.a.pdf.tmp",
    ],
)
def test_unfinished_names(name: str) -> None:
    """What is still being written, or hidden, is left alone."""
    assert is_partial(name)


@pytest.mark.parametrize(
    "name", ["a.pdf", "A.PDF", "part.pdf", "a.part.pdf", "a", "tmp", "a~$.pdf"]
)
def test_finished_names(name: str) -> None:
    """What only looks a little like it is taken."""
    assert not is_partial(name)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("a/ü 盖.pdf", "a/ü 盖.pdf"),
        ("caf\udce9.pdf", r"caf\xe9.pdf"),
        ("\udcc3\udca9", "é"),
        ("half \ud800 pair \udfff", r"half \ud800 pair \udfff"),
    ],
)
def test_display(path: str, shown: str) -> None:
    """Any text becomes one that UTF-8 can hold."""
    assert display(path) == shown
    assert shown.encode()


@pytest.mark.parametrize("letter", ["a", "é", "盖", "😀", "\udcff"])
def test_shorten_cuts_whole_characters(letter: str) -> None:
    """The result is as long as it may be and ends with a whole character and the rest."""
    stem = letter * 300
    name = shorten(stem, "-sealed.pdf")
    length = len(name.encode("utf-8", "surrogateescape"))
    width = len(letter.encode("utf-8", "surrogateescape"))
    assert LONGEST - width < length <= LONGEST
    assert name == letter * ((LONGEST - len("-sealed.pdf")) // width) + "-sealed.pdf"


def _name(template: str, source: str = "in/Rechnung 7.pdf", number: int = 1) -> str:
    return result_name(template, source, "a-rule", "a/seal", number)


@pytest.mark.parametrize(
    ("template", "first", "third"),
    [
        ("{stem}-sealed{n}.pdf", "Rechnung 7-sealed.pdf", "Rechnung 7-sealed-3.pdf"),
        ("{stem}.pdf", "Rechnung 7.pdf", "Rechnung 7-3.pdf"),
        ("{stem}.sealed.{ext}", "Rechnung 7.sealed.pdf", "Rechnung 7.sealed-3.pdf"),
        ("{stem}", "Rechnung 7", "Rechnung 7-3"),
        ("{n}{stem}.pdf", "Rechnung 7.pdf", "-3Rechnung 7.pdf"),
        ("{rule}+{seal}.pdf", "a-rule+a_seal.pdf", "a-rule+a_seal-3.pdf"),
        ("sealed-{stem}{n}.{ext}", "sealed-Rechnung 7.pdf", "sealed-Rechnung 7-3.pdf"),
        ("{stem}{unknown}.pdf", "Rechnung 7{unknown}.pdf", "Rechnung 7{unknown}-3.pdf"),
    ],
)
def test_templates(template: str, first: str, third: str) -> None:
    """Placeholders are filled; where a template has no counter, it goes before the extension."""
    assert _name(template) == first
    assert _name(template, number=3) == third


@pytest.mark.parametrize(
    ("source", "stem"),
    [
        ("x/no-extension", "no-extension"),
        ("a.b.PDF", "a.b"),
        ('a<b>:"|?*\\c\x07.pdf', "a_b_______c_"),
    ],
)
def test_stem_of_the_source(source: str, stem: str) -> None:
    """The stem is the name without its last extension, and such as any share can hold."""
    assert _name("{stem}.pdf", source) == f"{stem}.pdf"


@pytest.mark.parametrize("letter", ["a", "é", "盖", "😀", "\udcff"])
@pytest.mark.parametrize(
    "template", ["{stem}-sealed{n}.pdf", "{rule}-{stem}-{seal}{n}.pdf", "{stem}{n}"]
)
def test_long_names_leave_room_for_the_receipt(template: str, letter: str) -> None:
    """The name of a receipt beside the result fits, and the counter still counts."""
    names = [_name(template, f"{letter * 250}.pdf", number) for number in (1, 2, 1000)]
    assert len(set(names)) == 3
    for name in names:
        length = len(name.encode("utf-8", "surrogateescape")) + _RECEIPT
        assert LONGEST - 4 < length <= LONGEST


@pytest.mark.parametrize(
    "template", ["{rule}{n}.pdf", "{rule}-{stem}{n}.pdf", "{stem}-{rule}.pdf", "{stem}.x{rule}.pdf"]
)
def test_long_rules_cannot_make_a_name_too_long(template: str) -> None:
    """Also a very long rule or seal name gives a name that can be written and counted."""
    names = [result_name(template, "a.pdf", "规则" * 100, "s", number) for number in (1, 2)]
    assert names[0] != names[1]
    for name in names:
        assert name.endswith(".pdf")
        assert len(name.encode()) + _RECEIPT <= LONGEST


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("{date}-{stem}.pdf", "2026-11-23-a.pdf"),
        ("{year}{month}{day}T{time}-{stem}.pdf", "20261123T230714-a.pdf"),
        ("{job}.pdf", "20261123-230714-7f3a9c.pdf"),
        ("{inbox}_{stem}_{sha8}{n}.{ext}", "invoices_a_deadbeef.pdf"),
    ],
)
def test_values_of_the_claim(template: str, name: str) -> None:
    """Names tell when (UTC), from where and as which job a document came."""
    claimed = datetime(2026, 11, 24, 7, 7, 14, tzinfo=timezone(timedelta(hours=8)))
    assert claimed.astimezone(UTC).day == 23
    values = claim_values("20261123-230714-7f3a9c", "invoices", "deadbeef" * 8, claimed)
    assert result_name(template, "x/a.pdf", "", "", 1, more=values) == name


@pytest.mark.parametrize(
    ("source", "template", "name"),
    [
        ("CON.pdf", "{stem}.pdf", "CON_.pdf"),
        ("nul.tar.pdf", "{stem}.pdf", "nul_.tar.pdf"),
        ("com1 .pdf", "{stem}.pdf", "com1_ .pdf"),
        ("LPT\u00b2.pdf", "{stem}.pdf", "LPT\u00b2_.pdf"),
        ("CONTRACT.pdf", "{stem}.pdf", "CONTRACT.pdf"),
        ("COM10.pdf", "{stem}.pdf", "COM10.pdf"),
        ("a. .pdf", "{stem}", "a__"),
    ],
)
def test_names_that_windows_cannot_hold(source: str, template: str, name: str) -> None:
    """Devices get another name, and so does what would lose its end."""
    assert _name(template, source) == name


def test_folders_of_results() -> None:
    """Folders of the inbox are kept below the chosen folder, or left out."""
    assert result_folder("", "in", "a/b/c.pdf") == "in/a/b"
    assert result_folder("x/y", "in", "a/b/c.pdf") == "x/y/a/b"
    assert result_folder("x", "in", "a/b/c.pdf", flat=True) == "x"


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("invoice 1-sealed.pdf", "invoice 1-sealed.pdf"),
        ('a:b?"c.pdf', "a_b__c.pdf"),
        ("con.pdf", "_con.pdf"),
        ("a. .", "a___"),
    ],
)
def test_names_for_servers_of_windows(name: str, safe: str) -> None:
    """What such a server would refuse, or take for something else, is replaced."""
    assert windows_name(name) == safe
