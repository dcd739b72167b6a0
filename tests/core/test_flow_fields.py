"""Which fields a flow makes in advance, where, and who would lock whom out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.core.errors import DocumentFault
from gateway.core.facts import DocumentFacts, EarlierSignature, EmptyField, TextQuery
from gateway.core.flow_definition import (
    FieldRoom,
    FlowDefinition,
    Party,
    Stage,
    Step,
    StepKind,
)
from gateway.core.flow_fields import (
    field_of,
    fields_in_advance,
    locked_out,
    other_fields,
    sealing_of,
    signs_last,
    wanted_for_fields,
)
from gateway.core.geometry import Box, PageFrame
from gateway.core.pages import Pages
from gateway.core.places import AtCorner, AtText, Corner, IntoField, Place
from gateway.core.profile import FieldLock, LockAction
from gateway.core.rules import Certify, Profile, Rule, Seal

SEAL = Seal("company", "0" * 64, 100.0, 50.0, "nowhere")
LAST = Place(AtCorner(Corner.BOTTOM_RIGHT), pages=Pages("last"))
PAGE = PageFrame(0.0, 0.0, 600.0, 800.0)
FACTS = DocumentFacts(1000, (PAGE, PAGE))
CERTIFIES = Profile(certify=Certify.FORMS)


def sealing(name: str, profile: Profile = Profile(), place: Place = LAST) -> Step:
    """Write a step that seals."""
    rule = Rule(name, "i", SEAL.name, (place,), profile=profile)
    return Step(name, StepKind.SEAL, "us", sealing=rule)


def outside(field: str = "", *, room: bool = False) -> Step:
    """Write a step that is signed outside."""
    where = FieldRoom((LAST,), 170.0, 70.0) if room else None
    return Step("outside", StepKind.SIGN_OUTSIDE, "them", field=field, room=where)


def flow(*steps: Step) -> FlowDefinition:
    """Put steps one after the other."""
    stages = tuple(Stage((step,)) for step in steps)
    return FlowDefinition("f", "i", (Party("us"), Party("them", "Acme")), stages, seals=(SEAL,))


def test_nothing_in_advance() -> None:
    """Without certification and without fields to use, everybody makes a field of its own."""
    plain = flow(sealing("first"), outside(), sealing("second"))
    assert fields_in_advance(plain, FACTS, "x.pdf") == ()
    assert [sealing_of(plain, step) for step in plain.steps] == [
        step.sealing for step in plain.steps
    ]
    assert [field_of(plain, step) for step in plain.steps] == ["", "", ""]


def test_after_certification() -> None:
    """Every step that signs after one that certifies gets a field, with its lock."""
    lock = FieldLock(LockAction.DOCUMENT)
    review = Step("read", StepKind.REVIEW, "them")
    certified = flow(
        sealing("first", CERTIFIES), review, outside(), sealing("second", Profile(lock=lock))
    )
    theirs, ours = fields_in_advance(certified, FACTS, "x.pdf")
    assert (theirs.name, theirs.box, theirs.lock, theirs.label) == (
        "flow-outside",
        None,
        None,
        "Acme",
    )
    assert (ours.name, ours.page, ours.lock) == ("flow-second", 1, lock)
    assert ours.box is not None
    assert (ours.box.width, ours.box.height) == (100.0, 50.0)
    first, _, partner, second = certified.steps
    assert sealing_of(certified, first) == first.sealing
    rule = sealing_of(certified, second)
    assert rule is not None
    assert (rule.places, rule.profile) == ((Place(IntoField("flow-second")),), Profile())
    assert other_fields(certified, partner) == ("flow-second",)
    assert [signs_last(certified, step) for step in (first, partner, second)] == [
        False,
        False,
        True,
    ]


def test_room_for_an_outside_signature() -> None:
    """A field with a place is as large as its room; what anchors it is looked for."""
    roomy = flow(outside("Partner", room=True))
    (made,) = fields_in_advance(roomy, FACTS, "x.pdf")
    assert (made.name, made.page, made.label) == ("Partner", 1, "Acme")
    assert made.box is not None
    assert (made.box.width, made.box.height) == (170.0, 70.0)
    words = TextQuery("Sign here")
    room = FieldRoom((Place(AtText(words)),), 170.0, 70.0)
    anchored = flow(replace(outside("Partner"), room=room))
    assert wanted_for_fields(anchored).queries == (words,)
    with pytest.raises(DocumentFault, match=r"plan\.text-not-found"):
        fields_in_advance(anchored, FACTS, "x.pdf")


def test_fields_of_the_document() -> None:
    """A field that the document brings is used as it is; it must be there, and empty."""
    there = EmptyField("Partner", 0, Box(0.0, 0.0, 9.0, 9.0))
    brings = replace(FACTS, empty_signature_fields=(there,))
    for step in (outside("Partner"), outside("Partner", room=True)):
        assert fields_in_advance(flow(step), brings, "x.pdf") == ()
    with pytest.raises(DocumentFault, match=r"flow\.field-missing"):
        fields_in_advance(flow(outside("Partner")), FACTS, "x.pdf")
    itself = sealing("second", place=Place(IntoField("Partner")))
    certified = flow(sealing("first", CERTIFIES), itself)
    assert fields_in_advance(certified, brings, "x.pdf") == ()
    assert sealing_of(certified, itself) == itself.sealing
    with pytest.raises(DocumentFault, match=r"flow\.field-missing"):
        fields_in_advance(certified, FACTS, "x.pdf")
    signed = replace(FACTS, signatures=(EarlierSignature("Partner", True, 9, False),))
    with pytest.raises(DocumentFault, match=r"flow\.field-signed"):
        fields_in_advance(flow(outside("Partner")), signed, "x.pdf")


@pytest.mark.parametrize(
    ("lock", "out"),
    [
        (None, False),
        (FieldLock(LockAction.ALL), True),
        (FieldLock(LockAction.DOCUMENT), True),
        (FieldLock(LockAction.INCLUDE, ("Partner",)), True),
        (FieldLock(LockAction.INCLUDE, ("Part",)), False),
        (FieldLock(LockAction.EXCLUDE, ("Partner",)), False),
        (FieldLock(LockAction.EXCLUDE, ("Amount",)), True),
    ],
)
def test_locked_out(lock: FieldLock | None, out: bool) -> None:
    """A lock on the field of somebody who signs later is found before anything begins."""
    locking = flow(sealing("first", Profile(lock=lock)), outside("Partner", room=True))
    first, partner = locking.steps
    assert locked_out(locking) == (((first, partner),) if out else ())
