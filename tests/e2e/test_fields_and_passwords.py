"""An encrypted form with a waiting field, from `sealgate explain` to the judged result."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from pyhanko.sign.fields import SigFieldSpec, SigSeedValFlags, SigSeedValueSpec

from tests.e2e.pages import write_pdf
from tests.e2e.site import TestSite
from tests.pdf.making import BOX, add_fields, judged_by_pdfsig

PASSWORD = "opens-sesame"  # made up for this test


def encrypted(plain: Path, user: str, owner: str) -> Path:
    """Let qpdf encrypt a document."""
    result = plain.with_name(f"locked-{plain.name}")
    command = ("qpdf", "--encrypt", user, owner, "256", "--", plain, result)
    subprocess.run(command, check=True)
    return result


def test_encrypted_form(site: TestSite, tmp_path: Path) -> None:
    """It is explained, sealed in its field and verified; what cannot be sealed costs nothing."""
    secret = site.root / "secrets" / "pdf-customers"
    secret.parent.mkdir(mode=0o700, exist_ok=True)
    secret.write_text(PASSWORD)
    secret.chmod(0o600)
    site.edit("gateway.yaml", lambda text: text + "passwords: [{secret: pdf-customers}]\n")
    for rules in (site.root / "rules").glob("*.yaml"):
        rules.unlink()
    (site.root / "rules" / "fields.yaml").write_text(
        "inbox: documents\nrules:\n  - name: approvals\n    seal: company-seal\n"
        "    place: {field: Approval}\n"
        "    profile:\n      level: B-T\n      commitment: proof-of-approval\n      lock: all\n"
        f"      policy: {{oid: 1.3.6.1.4.1.99999.1, hash: sha256:{'ab' * 32}}}\n"
    )
    stamped = SigSeedValueSpec(timestamp_server_url="https://tsa.invalid", timestamp_required=True)
    waiting = SigFieldSpec("Approval", box=BOX, seed_value_dict=stamped)
    plain = add_fields(write_pdf(tmp_path / "form.pdf"), waiting)
    form = encrypted(plain, PASSWORD, "owner")
    stranger = encrypted(write_pdf(tmp_path / "strange.pdf"), "other", "owner")
    seeds = SigSeedValueSpec(SigSeedValFlags.REASONS, reasons=["Seen"])
    spec = SigFieldSpec("Approval", box=BOX, seed_value_dict=seeds)
    demanding = add_fields(write_pdf(tmp_path / "demanding.pdf"), spec)

    told = site.call("explain", str(form))
    assert told.returncode == 0, told.stdout + told.stderr
    assert "place     field Approval, page 1" in told.stdout
    asked = site.call("explain", str(demanding)).stdout
    assert "field     Approval; page 1, 70.6 × 35.3 mm; asks for Reasons" in asked
    assert json.loads(site.call("explain", str(form), "--json").stdout)["field"] == "Approval"

    for document in (form, stranger, demanding):
        site.drop(document)
    assert site.call("sweep").returncode == 1
    (result,) = site.delivered()
    assert judged_by_pdfsig(result, "-upw", PASSWORD) == ["Signature is Valid."]
    subprocess.run(("qpdf", f"--password={PASSWORD}", "--check", result), check=True)
    assert site.call("verify", str(result)).returncode == 0
    assert site.failures() == {
        "locked-strange.pdf": "pdf.encrypted",
        "demanding.pdf": "pdf.field-demands",
    }
    assert len(site.events("sign.sent")) == 1
    for path in (site.state / "ledger.sqlite", *site.root.rglob("*.receipt.json")):
        assert PASSWORD.encode() not in path.read_bytes()
