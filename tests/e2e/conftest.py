"""Sites for the tests that start the real program."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.sandbox.process import SandboxProcess
from tests.e2e.keeping import RULES, Keep, keeper, picture
from tests.e2e.site import TestSite


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make one evaluation site with its keys, to be copied by each test."""
    site = TestSite.make(tmp_path_factory.mktemp("template") / "site")
    done = site.call("check")
    assert done.returncode == 0, done.stdout + done.stderr
    return site.root


@pytest.fixture
def site(template: Path, tmp_path: Path) -> TestSite:
    """Return a fresh evaluation site of one's own."""
    return _copy(template, tmp_path)


@pytest.fixture(scope="session")
def kept_template(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make one site whose rules name a seal that is registered and granted to nobody."""
    site = _copy(template, tmp_path_factory.mktemp("kept"))
    file = str(picture(site))
    add = ("seals", "add", "registered", file, "--service", "sandbox", "--width", "40mm")
    done = keeper(site)(*add)
    assert done.returncode == 0, done.stderr
    (site.root / "rules" / "example.yaml").write_text(RULES)
    return site.root


@pytest.fixture
def kept(kept_template: Path, tmp_path: Path) -> Iterator[TestSite]:
    """Return a site of one's own with the registered seal, its service running meanwhile."""
    site = _copy(kept_template, tmp_path)
    with SandboxProcess(site.state):
        yield site


@pytest.fixture
def keep(kept: TestSite) -> Keep:
    """Return a function that runs the commands of that site's keeper."""
    return keeper(kept)


def _copy(template: Path, folder: Path) -> TestSite:
    root = folder / "site"
    shutil.copytree(template, root, symlinks=True)
    return TestSite(root)
