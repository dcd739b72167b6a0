"""`sealgate flows` before anything begins: templates, playing and drawing; edits while it runs."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree  # our own drawings

import pytest

from gateway.cli import main
from gateway.cli.site import opened
from gateway.core.flow_people import KnownPeople
from gateway.core.registry import ArtworkKind, Grant, GrantKind, RegisteredSeal, SealVersion
from gateway.pipeline.permission import warnings
from gateway.sandbox.samples import write_samples
from gateway.settings.flow_templates import ABOUT, flow_template
from gateway.wiring.flows import flow_office

PICTURES = Path(__file__).parents[2] / "docs" / "pictures" / "flows"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an evaluation site once."""
    root = tmp_path_factory.mktemp("made") / "site"
    assert main(["init", str(root), "--sandbox"]) == 0
    (root / "rules" / "flows").mkdir()
    assert main(["check", "--site", str(root)]) == 0  # which makes its keys
    return root


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    """Return a copy of the site."""
    return Path(shutil.copytree(made, tmp_path / "site"))


def test_every_template_is_listed() -> None:
    """What lies in the package is what is told of."""
    folder = Path(flow_template.__code__.co_filename).parent / "templates"
    assert sorted(path.stem for path in folder.iterdir()) == sorted(ABOUT)


@pytest.mark.parametrize("name", ABOUT)
def test_templates_work_as_they_come(
    root: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each is valid on a new evaluation site, is played to its end, and has a line of its own."""
    capsys.readouterr()
    assert main(["flows", "template", name]) == 0
    text = capsys.readouterr().out
    assert text == flow_template(name)
    assert all(len(line) <= 110 for line in text.splitlines())
    (root / "rules" / "flows" / "x.yaml").write_text(text)
    assert main(["check", "--site", str(root)]) == 0
    assert "1 flows" in capsys.readouterr().out
    fields = ["--field", "amount=60000", "--field", "currency=EUR"]
    play = ["flows", "simulate", name, "--site", str(root), *fields]
    assert main([*play, "--svg", str(root / "path.svg"), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert rows[-1]["what"] == "flow.completed"
    ElementTree.parse(root / "path.svg")  # noqa: S314  # our own drawing


def test_all_templates_go_together(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """They share neither names nor inboxes, and are drawn below each other."""
    for name in ABOUT:
        (root / "rules" / "flows" / f"{name}.yaml").write_text(flow_template(name))
    assert main(["check", "--site", str(root)]) == 0
    capsys.readouterr()
    assert main(["flows", "draw", "--site", str(root)]) == 0
    every = capsys.readouterr().out
    assert main(["flows", "draw", "nda", "--site", str(root), "-o", str(root / "nda.svg")]) == 0
    assert every.count('class="title"') == len(ABOUT)
    assert (root / "nda.svg").read_text().count('class="title"') == 1


@pytest.mark.parametrize("name", ABOUT)
def test_drawings_of_the_manual(root: Path, name: str) -> None:
    """The pictures in docs/flows.md are what the command draws of the templates now."""
    (root / "rules" / "flows" / f"{name}.yaml").write_text(flow_template(name))
    assert main(["flows", "draw", name, "--site", str(root), "-o", str(root / "x.svg")]) == 0
    shown = PICTURES / f"{name}.svg"
    assert shown.read_text() == (root / "x.svg").read_text(), "draw it anew: sealgate flows draw"


def test_the_manual_plays_what_is_played(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The path that docs/flows.md shows is what the command prints."""
    flow = "purchase-order"
    (root / "rules" / "flows" / f"{flow}.yaml").write_text(flow_template(flow))
    text = (PICTURES.parents[1] / "flows.md").read_text()
    shown = text.partition("$ sealgate flows simulate ")[2].partition("```")[0].splitlines()
    capsys.readouterr()
    main(["flows", "simulate", *shown[0].split(), "--site", str(root)])
    printed = capsys.readouterr().out.splitlines()[:-1]
    assert [line.split() for line in shown[1:]] == [line.split() for line in printed]


def test_a_site_without_flows_has_nothing_to_draw(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No empty picture is drawn."""
    assert main(["flows", "draw", "--site", str(root)]) == 2
    assert "this site has none" in capsys.readouterr().err


def test_a_draft_is_played_before_it_counts(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file outside of the site is checked and played as if it were a flow of the site."""
    draft = tmp_path / "draft.yaml"
    draft.write_text(flow_template("nda"))
    play = ["flows", "simulate", str(draft), "--site", str(root)]
    assert main([*play, "--act", "partner-signs reject because no", "--wait", "3d"]) == 0
    assert capsys.readouterr().out.endswith("rejected: partner-signs: no\n")
    assert main([*play, "--act", "partner-signs approve"]) == 1
    out = capsys.readouterr().out
    assert "[flow.not-here]" in out
    assert out.endswith("waits: partner-signs (partner)\n")
    draft.write_text(flow_template("nda").replace("party: legal", "party: legla"))
    assert main(play) == 2
    assert f"{draft}:23:12:" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["template", "ndaa"], "flow.unknown", "Did you mean nda?"),
        (["simulate", "ndaa"], "flow.unknown", "Did you mean nda?"),
        (["draw", "lease"], "flow.unknown", "lease"),
        (["simulate", "nda", "--wait", "3 moons"], "flow.cannot-play", "3d"),
        (["simulate", "nda", "--act", "agree"], "flow.cannot-play", "check approve by legal"),
        (["simulate", "nda", "--field", "amount"], "flow.cannot-play", "NAME=VALUE"),
        (["simulate", "purchase-order"], "flow.cannot-play", "amount is missing"),
        (["draw", "-o", "/nowhere/x.svg"], "usage.no-output", "nowhere"),
    ],
)
def test_usage_is_explained(
    root: Path,
    arguments: list[str],
    code: str,
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What cannot be done is told with a code and how to do it."""
    for name in ("nda", "purchase-order"):
        (root / "rules" / "flows" / f"{name}.yaml").write_text(flow_template(name))
    site = [] if arguments[0] == "template" else ["--site", str(root)]
    assert main(["flows", *arguments, *site]) == 2
    err = capsys.readouterr().err
    assert code in err
    assert said in err


def test_edits_count_while_it_runs(root: Path) -> None:
    """A running daemon takes a valid edit of a flow; a broken one leaves the former definition."""
    file = root / "rules" / "flows" / "nda.yaml"
    file.write_text(flow_template("nda"))
    with opened(root) as site:
        (first,) = site.rules.flows()
        assert site.rules.flow_of("nda") == first
        assert site.rules.flow_of("documents") is None
        file.write_text(flow_template("nda").replace("45d", "46d"))
        site.rules.reload_if_changed(site.ledger, 0.0)
        (second,) = site.rules.flows()
        assert (first.deadline, second.deadline) == (45 * 86_400, 46 * 86_400)
        file.write_text(flow_template("nda").replace("party: legal", "party: legla"))
        site.rules.reload_if_changed(site.ledger, 1.0)
        assert site.rules.flows() == (second,)
        assert [hold.subject for hold in site.ledger.all()] == ["rules"]


def test_steps_without_a_grant_are_warned_of(root: Path) -> None:
    """A step whose registered seal its keeper has not granted is told before any document comes."""
    text = flow_template("board-resolution").replace("seal: company-seal", "seal: board-seal")
    (root / "rules" / "flows" / "board.yaml").write_text(text)
    with opened(root, with_rules=False) as site:
        look = site.loaded.rulebook.seal("company-seal")
        seal = RegisteredSeal(
            "board-seal",
            "sandbox",
            grants=(Grant(GrantKind.STEP, "board-resolution/seal"), Grant(GrantKind.INBOX, "*")),
            versions=(
                SealVersion(1, look.artwork, ArtworkKind.PNG, 100.0, 100.0, "", "user:keeper"),
            ),
        )
        site.ledger.seals.save(seal, "seal.added", {}, "user:keeper")
    with opened(root) as site:
        assert [one.name for one in site.loaded.flows[0].seals] == ["board-seal"]
        (warned,) = warnings(site.loaded, datetime.now(UTC).date(), KnownPeople())
    assert (warned.source, warned.fault.code) == ("rules/flows/board.yaml:51", "seal.not-granted")
    assert "board-resolution/evidence" in warned.fault.sentence


def test_people_whom_nobody_knows_are_warned_of(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Once a site has users, parties are held against them; a name that is wrong stops nothing."""
    (root / "rules" / "flows" / "nda.yaml").write_text(flow_template("nda"))
    site = ["--site", str(root)]
    assert main(["check", *site]) == 0
    assert "legal" not in capsys.readouterr().err
    assert main(["users", "add", "anna", *site]) == 0
    assert main(["users", "groups", "add", "legals", *site]) == 0
    capsys.readouterr()
    assert main(["check", *site]) == 0
    err = capsys.readouterr().err
    assert "rules/flows/nda.yaml:6" in err
    assert "nda: legal is group legal. Did you mean legals?" in err
    assert main(["check", "--json", *site]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["line"], row["code"], row["severity"]) == (6, "flow.unknown-person", "warning")


def test_explain_tells_the_flow(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Which flow a document begins, its steps, where seals go; what is missing in its ticket."""
    flow = root / "rules" / "flows" / "order.yaml"
    flow.write_text(flow_template("purchase-order"))
    (root / "rules" / "flows" / "nda.yaml").write_text(flow_template("nda"))
    document = write_samples(root)[0]
    explain = ["explain", str(document), "--site", str(root)]
    capsys.readouterr()
    assert main([*explain, "--inbox", "nda", "--png", str(root / "page.png")]) == 0
    out = capsys.readouterr().out
    assert "field     partner: made on page " in out
    assert f"picture   {root / 'page.png'}" in out
    assert (root / "page.png").read_bytes().startswith(b"\x89PNG")
    assert main([*explain, "--inbox", "purchase-order"]) == 1
    assert "fails     flow.ticket-field" in capsys.readouterr().out
    ticket = root / "t.yaml"
    ticket.write_text("fields: {amount: 5000, currency: eur}")
    asked = [*explain, "--inbox", "purchase-order", "--ticket", str(ticket)]
    beside = document.with_name(document.name + ".yaml")
    beside.write_text(ticket.read_text())
    assert main([*explain, "--inbox", "purchase-order"]) == 0, "a ticket beside it counts"
    beside.unlink()
    capsys.readouterr()
    assert main(asked) == 0
    lines = capsys.readouterr().out.splitlines()
    steps = [line.split()[1] for line in lines if line.startswith("step ")]
    assert steps == ["purchasing:", "chair:", "treasurer:", "seal:"]
    left_out = [line.split()[1] for line in lines if "left out" in line]
    assert left_out == ["chair:", "treasurer:"]
    assert any(line.startswith("place     page 1") for line in lines)
    assert main([*asked, "--json"]) == 0
    value = json.loads(capsys.readouterr().out)
    assert [one["left_out"] for one in value["steps"]] == [False, True, True, False]
    assert main(explain) == 0, "a flow's inbox is not meant by a file that lies elsewhere"
    assert "everything-else" in capsys.readouterr().out
    ticket.write_text("fields: {amount: 5000, currency: eur}\nseal: company-seal")
    assert main(asked) == 1
    assert "flow purchase-order permits fields and sha256" in capsys.readouterr().out
    ticket.write_text("fields: [amount]")
    assert main(asked) == 1
    assert "ticket.unreadable" in capsys.readouterr().out


def test_drawings_show_where_documents_stand(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A document that was dropped is drawn at the steps that wait for somebody."""
    flow, site = "board-resolution", ["--site", str(root)]
    (root / "rules" / "flows" / "x.yaml").write_text(flow_template(flow))
    assert main(["status", *site]) == 0  # makes the flow's inbox
    write_samples(root)[0].rename(root / "inbox" / flow / "Vote & <b>.pdf")
    assert main(["sweep", flow, *site]) == 0
    capsys.readouterr()
    assert main(["flows", "draw", flow, *site]) == 0
    root_element = ElementTree.fromstring(capsys.readouterr().out)  # noqa: S314  # our own drawing
    texts = [one.text for one in root_element.iter() if one.get("class") == "document"]
    assert texts == ["Vote & <b>.pdf"] * 3
    with opened(root) as opened_site:
        (row,) = flow_office(opened_site).flows()
    assert main(["flows", "draw", "--flow", row.id, *site]) == 0
    assert capsys.readouterr().out.count("told open") == 3
