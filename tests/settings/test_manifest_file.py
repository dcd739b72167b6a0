"""Manifests as people and programs write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.core.errors import SiteFault
from gateway.settings.manifest_file import LARGEST, read_manifest

SHA = "ab" * 32
GOOD = {
    "a.batch.csv": "file\na.pdf\nb.pdf\n",
    "commas.batch.csv": f"FILE, sha256 ,Priority\na.pdf,{SHA},5\nb.pdf,,\n\n",
    "semicolons.BATCH.CSV": '\ufefffile;reference\r\n"a.pdf";"1;2"\r\nb.pdf;\r\n',
    "a.batch.json": '{"count": 2, "documents": [{"file": "a.pdf"}, {"file": "b.pdf"}]}',
}
BAD = {
    "nothing": ("a.batch.csv", "", "file among them"),
    "no rows": ("a.batch.csv", "file\n", "lists nothing"),
    "unknown column": ("a.batch.csv", "file,sael\na.pdf,x\n", "no column sael"),
    "no file": ("a.batch.csv", "reference\n7\n", "file among them"),
    "column twice": ("a.batch.csv", "file,file\na.pdf,a.pdf\n", "each once"),
    "too many cells": ("a.batch.csv", "file\na.pdf,b.pdf\n", "line 2"),
    "open quote": ("a.batch.csv", 'file\n"a.pdf\n', "line"),
    "bad hash": ("a.batch.csv", "file,sha256\nx.pdf,12\n", "line 2, sha256"),
    "bad priority": ("a.batch.csv", "file,priority\nx.pdf,many\n", "line 2, priority"),
    "another folder": ("a.batch.csv", "file\n../x.pdf\n", "own folder"),
    "hidden": ("a.batch.csv", "file\n.x.pdf\n", "own folder"),
    "itself": ("a.batch.csv", "file\nb.batch.csv\n", "own folder"),
    "control character": ("a.batch.json", '{"documents": [{"file": "a\\u0007.pdf"}]}', "no file"),
    "twice": ("a.batch.csv", "file\na.pdf\na.pdf\n", "lists a.pdf twice"),
    "not utf-8": ("a.batch.csv", b"file\na.pdf\n\xff.pdf\n", ":3: this line is not UTF-8"),
    "no json": ("a.batch.json", '{\n"documents": [}', "line 2"),
    "deep json": ("a.batch.json", "[" * 100_000, "nested too deeply"),
    "a list": ("a.batch.json", "[]", "the whole"),
    "no documents": ("a.batch.json", '{"documents": []}', "documents"),
    "unknown key": ("a.batch.json", '{"documents": [{"file": "a.pdf", "sael": 1}]}', "sael"),
    "wrong count": ("a.batch.json", '{"count": 3, "documents": [{"file": "a.pdf"}]}', "count is 3"),
    "too large": ("a.batch.csv", b"x" * (LARGEST + 1), "4 MiB"),
    "null": ("a.batch.json", "null", "the whole"),
}


@pytest.mark.parametrize("name", sorted(GOOD))
def test_good_manifests(tmp_path: Path, name: str) -> None:
    """Commas, semicolons, capitals, marks of byte order and JSON are all read."""
    path = tmp_path / "manifest"
    path.write_text(GOOD[name], encoding="utf-8", newline="")
    manifest = read_manifest(path, name)
    assert manifest.problem == ""
    assert [one.file for one in manifest.listed] == ["a.pdf", "b.pdf"]


def test_what_a_row_asks_for(tmp_path: Path) -> None:
    """A row says what a ticket could say; empty cells ask for nothing."""
    path = tmp_path / "manifest"
    path.write_text(GOOD["commas.batch.csv"])
    first, second = read_manifest(path, "commas.batch.csv").listed
    assert (first.ticket.sha256, first.ticket.priority) == (SHA, 5)
    assert (second.ticket.sha256, second.ticket.priority) == ("", None)


@pytest.mark.parametrize("case", sorted(BAD))
def test_bad_manifests(tmp_path: Path, case: str) -> None:
    """What cannot be understood is told, with the file and the line where there is one."""
    name, content, words = BAD[case]
    path = tmp_path / "manifest"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    manifest = read_manifest(path, name)
    assert manifest.listed == ()
    assert manifest.problem.startswith(name)
    assert words in manifest.problem


def test_links_are_not_followed(tmp_path: Path) -> None:
    """A link in a manifest's place is a fault of the site, not read."""
    (tmp_path / "link").symlink_to("/etc/passwd")
    with pytest.raises(SiteFault):
        read_manifest(tmp_path / "link", "a.batch.csv")
