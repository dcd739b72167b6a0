"""Good configuration: what is read, where secrets come from, what is shipped."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from gateway.core.errors import SiteFault, UsageFault
from gateway.core.facts import TextQuery
from gateway.core.lengths import Length
from gateway.core.places import AtText, Corner
from gateway.core.rules import Certify, Level
from gateway.core.services import CscSettings
from gateway.sandbox.artwork import draw_company_seal
from gateway.sandbox.keys import prepare
from gateway.seals.store import ArtworkStore
from gateway.settings import load, sandbox_state
from gateway.settings.schema import FILES, schema
from gateway.settings.starter import write_site
from tests.settings.conftest import RULES, SITE, Configuration

DOCS = Path(__file__).parents[2] / "docs"


def test_everything_is_read(configuration: Configuration) -> None:
    """Every key of a rule arrives in the rulebook as it was meant."""
    configuration.write(
        "rules/a.yaml",
        """\
inbox: invoices
rules:
  - name: full
    match:
      path: [a/**, "*.pdf"]
      pages: 3
      size: ">1MB"
      text: Seal
      metadata: {Title: ^Invoice}
      signatures: none
      fields: total
    seal: company
    place: {at: text, find: Seal here, occurrence: last, offset: {x: 10mm, y: -5mm}}
    profile: {level: B-T, certify: no, reason: 42}
    deliver: {outbox: done/2026, name: "{stem}-{seal}{n}.pdf"}
""",
    )
    (rule,) = configuration.load().rulebook.rules
    assert rule.match.paths == ("a/**", "*.pdf")
    assert rule.match.pages is not None
    assert rule.match.pages.holds(3)
    assert rule.match.size is not None
    assert rule.match.size.holds(1_000_001)
    assert rule.match.signatures is not None
    assert rule.match.signatures.holds(0)
    assert rule.match.metadata == (("Title", "^Invoice"),)
    (place,) = rule.places
    assert place.spot == AtText(TextQuery("Seal here"), "last")
    assert place.offset_y == Length(-5.0, "mm")
    assert (rule.profile.level, rule.profile.certify, rule.profile.reason) == (
        Level.B_T,
        Certify.NO,
        "42",
    )
    assert (rule.delivery.folder, rule.delivery.name) == ("done/2026", "{stem}-{seal}{n}.pdf")
    assert rule.source == "rules/a.yaml:3"


def test_defaults(configuration: Configuration) -> None:
    """An inbox without keys and a rule with few have the documented defaults."""
    loaded = configuration.load()
    (inbox,) = loaded.settings.inboxes
    assert inbox.path == configuration.root / "inbox" / "invoices"
    assert (inbox.settle, inbox.scan_every, inbox.incomplete_after) == (None, 20.0, 30.0)
    (rule,) = loaded.rulebook.rules
    assert rule.places[0].spot.corner is Corner.BOTTOM_RIGHT
    assert rule.delivery.name == "{stem}-sealed{n}.pdf"
    (seal,) = loaded.rulebook.seals
    assert seal.width == seal.height == pytest.approx(113.39, abs=0.01)


def test_snapshot_names_the_content(configuration: Configuration) -> None:
    """The same rules have the same snapshot, comments aside; another rule another one."""
    first = configuration.load().rulebook.snapshot
    configuration.write("rules/a.yaml", "# a comment\n" + RULES)
    assert configuration.load().rulebook.snapshot == first
    configuration.write("rules/a.yaml", RULES.replace("15mm", "16mm"))
    assert configuration.load().rulebook.snapshot != first


@pytest.mark.parametrize("written", ["00123", "1_000", "1:30", "1.50", "2026-01-31", "no", "0x1F"])
def test_values_stay_as_written(configuration: Configuration, written: str) -> None:
    """No unquoted text becomes another number, date or truth value on the way."""
    text = SITE.replace("    pin:", f"    credential: {written}\n    pin:")
    configuration.write("gateway.yaml", text)
    configuration.write("rules/a.yaml", RULES + f"    profile: {{reason: {written}}}\n")
    loaded = configuration.load()
    family = loaded.settings.services[0].family
    assert isinstance(family, CscSettings)
    assert family.credential == written
    assert loaded.rulebook.rules[0].profile.reason == written


def test_inbox_called_no(configuration: Configuration) -> None:
    """Names that YAML takes for truth values are names."""
    configuration.write("gateway.yaml", SITE.replace("invoices:", "no:"))
    configuration.write("rules/a.yaml", RULES.replace("invoices", "no"))
    assert configuration.load().rulebook.rules[0].inbox == "no"


def test_merged_mappings(configuration: Configuration) -> None:
    """Rules may share parts through anchors and merging; problems name the overriding line."""
    shared = RULES.replace("- name: all", "- &all\n    name: all")
    configuration.write("rules/a.yaml", shared + "  - <<: *all\n    name: second\n")
    assert [rule.seal for rule in configuration.load().rulebook.rules] == ["company", "company"]
    configuration.write("rules/a.yaml", shared + "  - <<: *all\n    name: b\n    seal: x\n")
    (problem,) = configuration.problems()
    assert (problem.line, problem.column) == (9, 11)


@pytest.mark.parametrize(("written", "meant"), [("true", True), ("yes", True), ("off", False)])
def test_sandbox_is_recognised(configuration: Configuration, written: str, meant: bool) -> None:
    """The quick look and the loader agree on what `sandbox:` says."""
    configuration.write("gateway.yaml", SITE.replace("sandbox: true", f"sandbox: {written}"))
    assert (sandbox_state(configuration.root) is not None) is meant
    if meant:
        assert configuration.load().settings.sandbox is True


def pin_of(configuration: Configuration, **environment: str) -> str:
    """Return the PIN that the service is configured with."""
    (service,) = configuration.load(**environment).settings.services
    assert isinstance(service.family, CscSettings)
    assert service.family.pin is not None
    return service.family.pin.value


def test_secret_sources(configuration: Configuration, tmp_path: Path) -> None:
    """A named secret is looked for in credentials, then environment, then secrets/."""
    configuration.write("gateway.yaml", SITE.replace("{file: secrets/pin}", "{secret: pin}"))
    assert pin_of(configuration) == "12345678"
    assert pin_of(configuration, SEALGATE_SECRET_PIN="fromenv") == "fromenv"
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "pin").write_text("fromsystemd\n")
    directory = {"CREDENTIALS_DIRECTORY": str(credentials)}
    assert pin_of(configuration, SEALGATE_SECRET_PIN="x", **directory) == "fromsystemd"
    named = SITE.replace("{file: secrets/pin}", "{environment: MY_PIN}")
    configuration.write("gateway.yaml", named)
    assert pin_of(configuration, MY_PIN="named") == "named"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_exposed_secret_is_refused(configuration: Configuration, mode: int) -> None:
    """A secret's file that others can read is refused, and its value is not shown."""
    configuration.secret("pin", "visible-secret", mode)
    (problem,) = configuration.problems()
    assert problem.code == "settings.secret-exposed"
    assert "chmod 600" in problem.remedy
    assert "visible-secret" not in str(problem)


def test_secret_in_yaml_is_not_repeated(configuration: Configuration) -> None:
    """A secret written into the file does not appear in the message about it."""
    configuration.write("gateway.yaml", SITE.replace("{file: secrets/pin}", "hunter2"))
    assert all("hunter2" not in str(problem) for problem in configuration.problems())


@pytest.mark.parametrize("content", [b"", b"\n", b"caf\xe9", b"x" * 70_000])
def test_unfit_secret_is_refused(configuration: Configuration, content: bytes) -> None:
    """A secret that is empty, no text or absurdly long is refused, not mangled."""
    (configuration.root / "secrets" / "pin").write_bytes(content)
    (problem,) = configuration.problems()
    assert (problem.code, problem.line, problem.column) == ("settings.secret", 9, 10)


def test_linked_secret_is_refused(configuration: Configuration) -> None:
    """A secret's file is opened without following links."""
    path = configuration.root / "secrets" / "pin"
    path.rename(path.with_name("real"))
    path.symlink_to("real")
    assert [item.code for item in configuration.problems()] == ["settings.secret"]


def test_secret_is_in_no_repr(configuration: Configuration) -> None:
    """Settings can be printed without showing a secret."""
    assert "12345678" not in repr(configuration.load().settings)


def test_sandbox_parts_need_sandbox(configuration: Configuration, sandbox_root: Path) -> None:
    """Without sandbox: true, sandbox addresses and a sandbox's authority are refused."""
    text = SITE.replace("sandbox: true\n", "").replace("state/sandbox/root.pem", str(sandbox_root))
    configuration.write("gateway.yaml", text)
    found = [(item.code, item.line) for item in configuration.problems()]
    assert found == [("settings.sandbox", 7), ("settings.sandbox", 9), ("settings.sandbox", 12)]


@pytest.mark.parametrize("name", FILES)
def test_published_schema_is_current(name: str) -> None:
    """docs/schema/ has what the models say."""
    assert (DOCS / "schema" / name).read_text() == schema(name)


def test_schema_takes_what_the_loader_takes() -> None:
    """An editor does not object to a glob alone, a page by number, or places in a list."""
    parts = json.loads(schema("rules.schema.json"))["$defs"]
    kinds = {
        name: json.dumps(parts[part]["properties"][name])
        for part, name in (("MatchPart", "path"), ("PlacePart", "page"), ("RulePart", "place"))
    }
    assert '"string"' in kinds["path"]
    assert '"integer"' in kinds["page"]
    assert '"array"' in kinds["place"]


@pytest.mark.parametrize("name", FILES)
def test_schema_explains_every_key(name: str) -> None:
    """Every key has a description, which editors show."""
    value = json.loads(schema(name))
    defined = value.get("$defs", {})
    for part in (value, *defined.values()):
        for key, definition in part["properties"].items():
            referred = defined.get(str(definition.get("$ref")).rpartition("/")[2], {})
            assert {**referred, **definition}.get("description"), key


def test_every_key_is_documented() -> None:
    """The pages on configuration, placement, tickets, batches and flows name every key there is."""
    pages = ("configuration", "placement", "tickets", "batches", "flows")
    text = "".join((DOCS / f"{page}.md").read_text() for page in pages)
    for model in FILES.values():
        whole = model.model_json_schema()
        for definition in (whole, *whole.get("$defs", {}).values()):
            for key in definition.get("properties", {}):
                assert f"`{key}`" in text, key


def test_examples_of_the_manual(configuration: Configuration) -> None:
    """The examples of docs/configuration.md lack nothing but the files they name."""
    text = (DOCS / "configuration.md").read_text(encoding="utf-8")
    site, rules = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    configuration.write("gateway.yaml", site)
    configuration.write("rules/a.yaml", rules)
    root = configuration.root
    for name in ("client-secret", "pin"):
        configuration.secret(name, "secret")
    (root / "seals").mkdir()
    (root / "seal.png").rename(root / "seals" / "company-seal.png")
    assert {item.code for item in configuration.problems()} == {"settings.unreadable"}
    assert all("-root.pem" in item.message for item in configuration.problems())


def test_sandbox_starter_is_valid(tmp_path: Path) -> None:
    """What `init --sandbox` writes loads without a problem."""
    root = tmp_path / "new"
    write_site(root, sandbox=True)
    draw_company_seal(root / "seals" / "company-seal.png")
    assert sandbox_state(root) == root / "state"
    prepare(root / "state")
    loaded = load(root, ArtworkStore(root / "state" / "artwork"), {})
    assert [rule.name for rule in loaded.rulebook.rules] == [
        "letters",
        "contracts",
        "everything-else",
    ]


def test_production_starter_says_what_is_left(tmp_path: Path) -> None:
    """What `init` writes for a real site names just what has still to be provided."""
    root = tmp_path / "new"
    write_site(root, sandbox=False)
    site = Configuration.__new__(Configuration)
    site.root = root
    codes = [(item.code, item.file) for item in site.problems()]
    assert sorted(set(codes)) == [
        ("settings.missing-key", "gateway.yaml"),
        ("settings.secret", "gateway.yaml"),
        ("settings.unreadable", "gateway.yaml"),
        ("settings.wrong-value", "gateway.yaml"),
    ]
    said = "".join(item.message for item in site.problems())
    for part in ("sign.example.com", "tsa.example.com", "client_id", "client-secret", "pin"):
        assert part in said
    for part in ("company-seal", "authority.pem"):
        assert part in said


def test_starter_keeps_secrets_private(tmp_path: Path) -> None:
    """State and secrets of a new site are open to its owner only."""
    write_site(tmp_path / "new", sandbox=False)
    modes = [(tmp_path / "new" / name).stat().st_mode & 0o777 for name in ("state", "secrets")]
    assert modes == [0o700, 0o700]


def test_starter_says_why_it_cannot_write(tmp_path: Path) -> None:
    """A folder that cannot be made is a fault with a remedy, not a traceback."""
    (tmp_path / "file").write_text("")
    with pytest.raises(SiteFault) as refused:
        write_site(tmp_path / "file" / "new", sandbox=True)
    assert refused.value.code == "site.folder-missing"


def test_starter_refuses_a_full_folder(tmp_path: Path) -> None:
    """A new site is never written over something else."""
    (tmp_path / "mine").write_text("precious")
    with pytest.raises(UsageFault):
        write_site(tmp_path, sandbox=True)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
