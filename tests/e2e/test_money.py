"""Quotas, failover and books, as an operator works with them on a real site."""

from __future__ import annotations

import re

import pytest

from gateway.sandbox.process import SandboxProcess
from tests.e2e.pages import write_pdf
from tests.e2e.site import TestSite

_QUOTA = "    idempotent: true\n    quota: {counts: document, alarm_at: [50%]}\n"
_OTHER = """\
  elsewhere:
    type: csc
    url: http://127.0.0.1:9/csc/v2
    pin: {file: state/sandbox/pin}
"""


@pytest.fixture
def metered(site: TestSite) -> TestSite:
    """Return a site whose service has a quota."""
    site.edit("gateway.yaml", lambda text: re.sub(r"    idempotent: true.*\n", _QUOTA, text))
    return site


def drop(site: TestSite, *names: str) -> None:
    """Drop documents."""
    for name in names:
        write_pdf(site.inbox / f"{name}.pdf", (name,))


def row(site: TestSite, name: str = "sandbox") -> dict[str, object]:
    """Return a service's line of the quota table."""
    rows = site.json("services", "quota", name)
    assert isinstance(rows, list)
    return rows[0]


def test_quota_from_purchase_to_last_unit(metered: TestSite) -> None:
    """What is bought is spent document by document, warned of, and never overdrawn."""
    drop(metered, "a", "b", "c")
    done = metered.call("sweep")
    assert done.returncode == 3
    assert "service.out-of-quota" in done.stderr
    bought = metered.call("services", "quota", "sandbox", "--add", "2", "--note", "invoice 1")
    assert bought.returncode == 0, bought.stderr
    assert metered.call("sweep").returncode == 3, "two of three"
    assert len(metered.delivered()) == 2
    assert (row(metered)["left"], row(metered)["on_the_way"]) == (0, 1)
    assert metered.call("services", "quota").returncode == 1, "used up"
    assert metered.call("services", "quota", "sandbox", "--add", "10").returncode == 0
    assert metered.call("sweep").returncode == 0
    assert (len(metered.delivered()), row(metered)["left"]) == (3, 9)
    assert [entry["event"] for entry in metered.events("quota.*")].count("quota.bought") == 2
    assert metered.events("quota.low"), "half was used at once"
    with SandboxProcess(metered.state):
        assert metered.usage()["charged"] == 3


def test_testing_a_service_is_paid_for(metered: TestSite) -> None:
    """A test shows each step and the chain, and takes a unit like a document."""
    assert metered.call("services", "test", "sandbox").returncode == 1, "nothing bought yet"
    metered.call("services", "quota", "sandbox", "--add", "5")
    steps = metered.json("services", "test")
    assert isinstance(steps, list)
    names = [(step["service"], step["step"], step["result"]) for step in steps]
    assert ("sandbox", "sign", "ok") in names
    assert ("tsa", "time-stamp", "ok") in names
    assert sum(step["step"].startswith("certificate") for step in steps) == 3
    assert row(metered)["left"] == 4


def test_wrong_use_of_the_books(metered: TestSite) -> None:
    """Unknown services, impossible numbers and unreadable lists are told, and change nothing."""
    for arguments in (
        ("nobody", "--add", "5"),
        ("sandbox", "--add", "0"),
        ("sandbox", "--add", "5", "--until", "yesterday"),
        ("sandbox", "--add", "5", "--until", "2020-01-01"),
        ("sandbox", "--compare", "nowhere.csv"),
    ):
        done = metered.call("services", "quota", *arguments)
        assert done.returncode == 2, (arguments, done.stdout)
        assert "usage." in done.stderr
    assert metered.events("quota.*") == []


def test_failover_by_configuration(site: TestSite) -> None:
    """A rule's second service seals while the first cannot be reached; so does a second TSA."""
    site.edit(
        "gateway.yaml",
        lambda text: (
            text.replace("services:\n", f"services:\n{_OTHER}")
            .replace("    service: sandbox", "    service: elsewhere")
            .replace(
                "url: sandbox://tsa",
                "url: http://127.0.0.1:9/tsa\n  failover: [{name: second, url: sandbox://tsa}]",
            )
        ),
    )
    site.edit(
        "rules/example.yaml",
        lambda text: text.replace(
            "seal: company-seal", "seal: company-seal\n    failover: sandbox"
        ),
    )
    drop(site, "a", "b")
    done = site.call("sweep")
    assert len(site.delivered()) == 2, done.stdout + done.stderr
    assert done.returncode == 3, "the first service is still held"
    assert len(site.events("job.rerouted")) == 2
    stamped = site.events("time.stamped")
    assert len(stamped) == 2
    assert all("second" in str(entry) for entry in stamped)
    receipts = list(site.outbox.rglob("*.receipt.json"))
    assert all('"service": "sandbox"' in receipt.read_text() for receipt in receipts)


def test_digests_of_a_burst_share_calls(site: TestSite) -> None:
    """With one call at a time, twenty documents take far fewer calls than twenty."""
    site.edit(
        "gateway.yaml",
        lambda text: text.replace("    idempotent: true", "    calls: 1\n    idempotent: true"),
    )
    drop(site, *(f"d{number:02}" for number in range(20)))
    with SandboxProcess(site.state, "--latency-ms", "300"):
        assert site.call("sweep").returncode == 0
        usage = site.usage()
    assert len(site.delivered()) == 20
    assert usage["charged"] == 20
    assert usage["sign_requests"] < 15
