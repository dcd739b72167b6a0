"""`sealgate services` with services that answer one HTTP request."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.cli import main
from tests.contracts.digest_services import RECIPES, on_loopback
from tests.fakes import vault_transit
from tests.fakes.serving import serving
from tests.fakes.signer import TestSigner
from tests.fakes.vault_transit import VaultTransit
from tests.pipeline.site import FileSite


def test_list_and_test(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The family is listed with its address; testing it signs a digest of the right size."""
    signer = TestSigner.make()
    site = FileSite(tmp_path / "site", signer)
    site.secret("vault-token", vault_transit.TOKEN)
    recipe = (RECIPES / "vault-transit.yaml").read_text()
    recipe = recipe.replace("sha2-256", "sha2-384")
    recipe = recipe.replace("certificates:", "algorithm: {digest: sha384}\n    certificates:")
    with serving(VaultTransit(signer)) as url:
        site.configure(on_loopback(recipe, url).partition("services:\n")[2])
        assert main(["services", "list", "--site", str(site.root), "--json"]) == 0
        (listed,) = json.loads(capsys.readouterr().out)
        assert (listed["name"], listed["family"]) == ("signing", "digest-raw")
        assert listed["url"].startswith(url)
        assert main(["services", "test", "--site", str(site.root), "--json"]) == 0
    steps = json.loads(capsys.readouterr().out)
    assert [(step["step"], step["result"]) for step in steps][-1] == ("sign", "ok")
    assert vault_transit.TOKEN not in json.dumps(steps)
