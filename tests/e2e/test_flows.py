"""Contract flows through the real program, by folders alone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.flowing import Parties, add_flow
from tests.e2e.programs import said
from tests.e2e.site import TestSite

LEASE = """\
name: lease
parties:
  legal: {title: Legal department}
  director:
  tenant:
steps:
  - {name: check, type: review, party: legal}
  - name: release
    type: approve
    party: director
    seal: company-seal
    place: {page: last, corner: bottom-left, margin: 15mm}
  - name: final
    type: seal
    party: legal
    seal: company-seal
    place: {page: last, corner: bottom-right, margin: 15mm}
"""


@pytest.fixture(scope="module")
def parties(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parties]:
    """Run one daemon whose site has a flow."""
    root = tmp_path_factory.mktemp("flows") / "site"
    shutil.copytree(template, root, symlinks=True)
    site = TestSite(root)
    add_flow(site, LEASE)
    with site.daemon():
        yield Parties(site)


def test_a_lease_goes_its_way_by_folders(parties: Parties) -> None:
    """Read, released, sealed twice; the contract comes out with both signatures valid."""
    parties.drop("lease", "a.pdf")
    parties.move("legal", "a")
    parties.move("director", "a", why="agreed")
    result = parties.result("lease", "a.pdf")
    told = said("pdfsig", "-nocert", str(result))
    assert told.count("Signature is Valid") == 2
    steps = parties.receipt(result)["flow"]["steps"]
    assert [(one["name"], one["state"]) for one in steps] == [
        ("check", "done"),
        ("release", "done"),
        ("final", "done"),
    ]
    assert steps[1]["why"] == "agreed"
