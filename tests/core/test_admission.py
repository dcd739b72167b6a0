"""Which documents are refused whatever the rules say."""

from __future__ import annotations

import pytest

from gateway.core.admission import admit
from gateway.core.errors import DocumentFault
from gateway.core.facts import EarlierSignature
from tests.core.making import facts

_GOOD = EarlierSignature("Good", True, 900, False)


@pytest.mark.parametrize("docmdp", [None, 2, 3])
def test_intact_signatures_are_no_obstacle(docmdp: int | None) -> None:
    """Further signatures are allowed by anything but a certification that forbids changes."""
    admit(facts(signatures=(_GOOD, EarlierSignature("Two", True, 950, False, docmdp))))


@pytest.mark.parametrize(
    ("signature", "code"),
    [
        (EarlierSignature("Two", False, 950, False), "pdf.earlier-signature-broken"),
        (EarlierSignature("Two", True, 950, True), "pdf.earlier-signature-broken"),
        (EarlierSignature("Two", True, 950, False, 1), "pdf.certified-no-changes"),
    ],
)
def test_what_a_seal_would_break_is_refused(signature: EarlierSignature, code: str) -> None:
    """The field is named, so that its signer can be asked."""
    with pytest.raises(DocumentFault) as fault:
        admit(facts(signatures=(_GOOD, signature)))
    assert fault.value.code == code
    assert "Two" in fault.value.detail
