"""Files that come in over the network while everything is killed; `bench/burst.py` sends more."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.bursts import burst
from tests.e2e.samba import SMBD

FILES = 40


@pytest.mark.skipif(not SMBD.exists(), reason="needs Debian's samba and smbclient")
@pytest.mark.parametrize("way", ["sftp", "smb"])
def test_burst_over_the_network(tmp_path: Path, way: str) -> None:
    """Each file is sealed once and paid for once, though server and daemon die in the middle."""
    assert burst(tmp_path, way, FILES) == (FILES, FILES)
