"""Globs over paths."""

from __future__ import annotations

import pytest

from gateway.core.matching import matches_glob


@pytest.mark.parametrize(
    ("glob", "path"),
    [
        ("*.pdf", "a.pdf"),
        ("*.pdf", "A.PDF"),
        ("contracts/**/*.pdf", "contracts/a.pdf"),
        ("contracts/**/*.pdf", "Contracts/2026/11/a.pdf"),
        ("**/*.pdf", "a.pdf"),
        ("**", "x/y/z"),
        ("contracts/**", "contracts/x/y.pdf"),
        ("a?c.pdf", "abc.pdf"),
        ("a?c.pdf", "a盖c.pdf"),
        ("[abc]x", "bx"),
        ("[a-c]x", "Bx"),
        ("[!abc]x", "dx"),
        ("[]x]y", "]y"),
        ("[[]y", "[y"),
        ("a[b", "a[b"),
        ("price (1).pdf", "price (1).pdf"),
        ("a+b$.pdf", "a+b$.pdf"),
        ("*.pdf", "line\nbreak.pdf"),
        ("*.pdf", "\udcff.pdf"),
    ],
)
def test_glob_fits(glob: str, path: str) -> None:
    """Stars stay within a folder unless doubled, case does not matter, the rest is literal."""
    assert matches_glob(path, glob)


@pytest.mark.parametrize(
    ("glob", "path"),
    [
        ("*.pdf", "folder/a.pdf"),
        ("contracts/**/*.pdf", "contracts-old/a.pdf"),
        ("contracts/**/*.pdf", "x/contracts/a.pdf"),
        ("a?c.pdf", "a/c.pdf"),
        ("[!a]x", "/x"),
        ("[!abc]x", "Ax"),
        ("*.pdf", "a.pdf.exe"),
        ("a.pdf", "axpdf"),
        ("", "a"),
    ],
)
def test_glob_does_not_fit(glob: str, path: str) -> None:
    """A glob covers the whole path, and neither `?` nor a set stands for a separator."""
    assert not matches_glob(path, glob)


@pytest.mark.parametrize("glob", ["[z-a].pdf", "[", "[]", "[!]", "[a-\\].pdf"])
def test_odd_sets_are_no_errors(glob: str) -> None:
    """A set that makes no sense fits nothing but itself."""
    assert not matches_glob("q.pdf", glob)
    assert matches_glob("[z-a].pdf", "[z-a].pdf")
