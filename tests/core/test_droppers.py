"""Whom the owner of a file, or the folder it lay in, stands for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.core.accounts import Account
from gateway.core.droppers import account_of, name_of

ANNA = Account("anna", "Anna", posix="aschmidt", home="documents/partners/anna")
BEN = Account("ben", "Ben", smb="EXAMPLE\\ben", home="documents/partners/anna/ben")
CLEO = Account("cleo", "Cleo")
GONE = Account("gone", "Gone", posix="gone", disabled=True)
EVERYBODY = (ANNA, BEN, CLEO, GONE)


@pytest.mark.parametrize(
    ("source", "owner", "login", "name"),
    [
        ("a.pdf", "aschmidt", "anna", "anna"),
        ("a.pdf", "EXAMPLE\\ben", "ben", "ben"),
        ("partners/anna/a.pdf", "sealgate", "anna", "anna"),
        ("partners/anna/deep/a.pdf", "", "anna", "anna"),
        ("partners/anna/ben/a.pdf", "sealgate", "ben", "ben"),
        # The file system vouches for owners, so they come before folders.
        ("partners/anna/a.pdf", "EXAMPLE\\ben", "ben", "ben"),
        ("a.pdf", "cleo", "cleo", "cleo"),
        ("partners/anna/a.pdf", "cleo", "anna", "anna"),
        # Another one's files are not anna's because that one is called so.
        ("a.pdf", "anna", None, ""),
        ("a.pdf", "gone", "gone", ""),
        ("partners/annabel/a.pdf", "sealgate", None, "sealgate"),
        ("partners/anna", "sealgate", None, "sealgate"),
        ("a.pdf", "", None, ""),
    ],
)
def test_who(source: str, owner: str, login: str | None, name: str) -> None:
    """Owner, then home, then a login like the owner's name; nobody is taken for somebody else."""
    found = account_of(EVERYBODY, "documents", source, owner)
    assert (found.login if found else None) == login
    assert name_of(found, EVERYBODY, owner) == name


def test_homes_are_of_their_inbox() -> None:
    """The same folder of another inbox is nobody's home."""
    assert account_of((ANNA,), "invoices", "partners/anna/a.pdf", "") is None
    whole = replace(BEN, home="invoices")
    assert account_of((whole,), "invoices", "partners/anna/a.pdf", "") == whole
    elsewhere = replace(ANNA, home="invoices/partners/anna")
    assert account_of((elsewhere,), "invoices", "partners/anna/a.pdf", "") == elsewhere
