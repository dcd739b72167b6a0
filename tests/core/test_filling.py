"""Which field a rule fills, and whether the document's rights allow it."""

from __future__ import annotations

import pytest

from gateway.core.errors import DocumentFault
from gateway.core.facts import EarlierSignature, EmptyField, UsageRights
from gateway.core.geometry import Box
from gateway.core.matching import Decision
from gateway.core.places import IntoField, Place
from gateway.core.plan import SealingPlan
from gateway.core.planning import plan
from tests.core.making import facts, rule, rulebook

_HERE = EmptyField("Here", 1, Box(10, 20, 100, 50))
_HIDDEN = EmptyField("Hidden")
_SIGNED = EarlierSignature("Signed", True, 900, False)


def planned(
    field: str | None, *empty: EmptyField, rights: UsageRights | None = None
) -> SealingPlan:
    """Plan a seal in a field of a document with these empty ones and a signed one."""
    chosen = rule(places=(Place(IntoField(field)) if field is not None else Place(),))
    document = facts(empty_signature_fields=empty, signatures=(_SIGNED,), usage_rights=rights)
    return plan(rulebook(chosen), Decision(chosen, ()), document, "x.pdf")


@pytest.mark.parametrize("name", ["Here", "only"])
def test_visible_field(name: str) -> None:
    """The seal is where the field is, and the plan survives its JSON."""
    made = planned(name, _HERE)
    assert (made.field, made.fills, made.mark.page, made.mark.box) == (
        "Here", True, 1, Box(10, 20, 100, 50),
    )  # fmt: skip
    assert made.mark.visible
    assert SealingPlan.from_json(made.to_json()) == made


def test_invisible_field() -> None:
    """A field that shows nowhere has a mark without extent."""
    assert not planned("Hidden", _HERE, _HIDDEN).mark.visible


@pytest.mark.parametrize(
    ("name", "empty", "code"),
    [
        ("only", (_HERE, _HIDDEN), "plan.field-ambiguous"),
        ("only", (), "plan.field-missing"),
        ("There", (_HERE,), "plan.field-missing"),
        ("Signed", (_HERE,), "plan.field-signed"),
        ("Two", (EmptyField("Two", widgets=2),), "plan.field-unusable"),
        ("Tiny", (EmptyField("Tiny", 0, Box(50, 50, 100, 1)),), "plan.field-unusable"),
        ("Off", (EmptyField("Off", 0, Box(590, 0, 10, 10)),), "plan.seal-off-page"),
    ],
)
def test_no_such_field(name: str, empty: tuple[EmptyField, ...], code: str) -> None:
    """What keeps a field from being filled has a code of its own."""
    with pytest.raises(DocumentFault) as fault:
        planned(name, *empty)
    assert fault.value.code == code


@pytest.mark.parametrize("sign", [True, False])
@pytest.mark.parametrize("add", [True, False])
@pytest.mark.parametrize("field", [None, "Here"])
def test_usage_rights(sign: bool, add: bool, field: str | None) -> None:
    """A new field needs both rights, a waiting one only that to sign."""
    rights = UsageRights(sign=sign, add_fields=add)
    if sign and (add or field):
        assert planned(field, _HERE, rights=rights)
        return
    with pytest.raises(DocumentFault) as fault:
        planned(field, _HERE, rights=rights)
    assert fault.value.code == "pdf.usage-rights"
