"""Sites for the tests that start the real program."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

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
    root = tmp_path / "site"
    shutil.copytree(template, root, symlinks=True)
    return TestSite(root)
