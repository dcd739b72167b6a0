"""Whether a registered seal may be used: grants, days, months, and what the log says of changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from gateway.core.droppers import Dropper
from gateway.core.errors import DocumentFault, WaitingFault
from gateway.core.flow_definition import rules_of
from gateway.core.people import Person, Role
from gateway.core.registry import ArtworkKind, Grant, GrantKind, RegisteredSeal, SealVersion
from gateway.core.seal_changes import changes
from gateway.core.seal_use import Approval, Record, Use, forewarn, permit, restrain, use_of

NOON = datetime(2026, 12, 31, 12, 0, tzinfo=UTC)
USE = Use("contracts", "suppliers", "anna", NOON)
SEAL = RegisteredSeal("round", "signing", keeper="Anna", grants=(Grant(GrantKind.ANY, "*"),))


def granted(*grants: str) -> RegisteredSeal:
    """Return a seal with grants, each written as `kind pattern`."""
    pairs = (grant.split(" ", 1) for grant in grants)
    return replace(SEAL, grants=tuple(Grant(GrantKind(kind), glob) for kind, glob in pairs))


@pytest.mark.parametrize(
    ("grants", "allowed"),
    [
        ((), False),
        (("any *",), True),
        (("inbox contracts",), True),
        (("inbox contr*",), True),
        (("inbox invoices", "inbox contracts"), True),
        (("inbox contract",), False),
        (("inbox Contracts",), False),
        (("rule contracts/suppliers",), True),
        (("rule */sup*",), True),
        (("rule contracts/customers",), False),
        (("rule suppliers",), False),
        (("step contracts/suppliers",), False),
        (("user anna",), False),
        (("any *", "user anna"), True),
        (("any *", "user a*"), True),
        (("any *", "user Anna"), False),
        (("any *", "user ben"), False),
        (("any *", "user ben", "user anna"), True),
        (("inbox invoices", "user anna"), False),
    ],
)
def test_grants(grants: tuple[str, ...], allowed: bool) -> None:
    """One grant must fit where a seal is used; users only narrow that."""
    if allowed:
        permit(granted(*grants), USE)
        return
    with pytest.raises(DocumentFault) as refused:
        permit(granted(*grants), USE)
    assert refused.value.code == "seal.not-granted"


@pytest.mark.parametrize(
    ("grants", "allowed"),
    [
        (("any *",), True),
        (("step lease/landlord",), True),
        (("step lease/*",), True),
        (("step */evidence",), False),
        (("step nda/landlord",), False),
        (("inbox *",), False),
        (("inbox flow.lease",), False),
        (("rule */*",), False),
        (("rule flow.lease/landlord",), False),
    ],
)
def test_grants_to_steps_of_flows(grants: tuple[str, ...], allowed: bool) -> None:
    """What a flow's step may use is granted to it, or to all; no rule's grant reaches it."""
    use = replace(USE, inbox=rules_of("lease"), rule="landlord")
    if allowed:
        permit(granted(*grants), use)
        return
    with pytest.raises(DocumentFault) as refused:
        permit(granted(*grants), use)
    assert (refused.value.code, "step lease/landlord" in str(refused.value.detail)) == (
        "seal.not-granted",
        True,
    )


@pytest.mark.parametrize(
    ("grants", "allowed"),
    [
        (("any *", "group legal"), True),
        (("any *", "group leg*"), True),
        (("any *", "group sales"), False),
        (("any *", "role submitter"), True),
        (("any *", "role operator"), False),
        (("any *", "user ben", "group sales", "role submitter"), True),
        (("any *", "user ben", "group sales"), False),
        (("group legal",), False),
    ],
)
def test_grants_to_people(grants: tuple[str, ...], allowed: bool) -> None:
    """Of the grants to users, groups and roles one must name who dropped the file."""
    anna = Person("anna", "Anna", frozenset({Role.SUBMITTER}), frozenset({"legal"}))
    use = use_of("contracts", "suppliers", Dropper("aschmidt", "anna", anna), NOON)
    if allowed:
        permit(granted(*grants), use)
    else:
        with pytest.raises(DocumentFault):
            permit(granted(*grants), use)
    with pytest.raises(DocumentFault):
        permit(granted(*grants), use_of("contracts", "suppliers", Dropper("root", "root"), NOON))


def test_unknown_dropper_fits_no_user() -> None:
    """Where nobody knows who dropped a file, a star stands for nobody."""
    with pytest.raises(DocumentFault):
        permit(granted("any *", "user *"), replace(USE, user=""))


def test_first_and_last_day_count() -> None:
    """A seal is valid on its first and last day, which are days of UTC."""
    seal = replace(SEAL, valid_from=date(2026, 12, 31), valid_until=date(2026, 12, 31))
    permit(seal, USE)
    east = timezone(timedelta(hours=14))
    permit(seal, replace(USE, at=datetime(2027, 1, 1, 3, 0, tzinfo=east)))
    for moment, code in (
        (NOON - timedelta(days=1), "seal.not-yet-valid"),
        (NOON + timedelta(days=1), "seal.expired"),
    ):
        with pytest.raises(DocumentFault) as refused:
            permit(seal, replace(USE, at=moment))
        assert refused.value.code == code


@pytest.mark.parametrize(
    ("terms", "record", "until"),
    [
        ({"per_day": 2}, Record(today=2, this_month=2), datetime(2027, 1, 1, tzinfo=UTC)),
        ({"per_month": 3}, Record(today=0, this_month=3), datetime(2027, 1, 1, tzinfo=UTC)),
        ({"approval": True}, Record(), None),
        ({"approval": True, "per_day": 1}, Record(today=1), None),
    ],
)
def test_waiting(terms: dict[str, object], record: Record, until: datetime | None) -> None:
    """What is missing is waited for: a person first, then the next day or month."""
    with pytest.raises(WaitingFault) as waiting:
        restrain(replace(SEAL, **terms), USE, record)  # type: ignore[arg-type]
    assert waiting.value.until == until


def test_nothing_to_wait_for() -> None:
    """Below the limit, approved, or counted before, a use goes on."""
    restrain(replace(SEAL, per_day=2, per_month=9), USE, Record(today=1, this_month=8))
    restrain(replace(SEAL, approval=True), USE, Record(approval=Approval.APPROVED))
    restrain(replace(SEAL, per_day=1), USE, Record(today=1, this_month=1, counted=True))


def test_forewarning_knows_no_user() -> None:
    """A rule is warned of only when no document of it could be sealed."""
    assert forewarn(granted("any *", "user ben"), "contracts", "suppliers", NOON.date()) is None
    fault = forewarn(granted("user ben"), "contracts", "suppliers", NOON.date())
    assert fault is not None
    assert fault.code == "seal.not-granted"


def test_changes_are_told_as_old_and_new() -> None:
    """The log says what changed, and what it was before."""
    version = SealVersion(1, "ab" * 32, ArtworkKind.PDF, 113.4, 56.7, "", "", "file seal.svg")
    seal = replace(SEAL, versions=(version,), per_day=5)
    told = changes(seal, replace(seal, keeper="Ben", per_day=None, approval=True, grants=()))
    assert told == {
        "seal": "round",
        "keeper": "Anna -> Ben",
        "per_day": "5 -> none",
        "approval": "no -> yes",
        "removed": "any *",
    }
    added = changes(None, seal)
    assert added["size"] == "40.0 x 20.0 mm"
    assert (added["version"], added["granted"], added["source"]) == ("1", "any *", "file seal.svg")
