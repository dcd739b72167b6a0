"""Bad configuration of many kinds: the right line, column, code and remedy for each.

In the cases `§` stands where the problem must be reported; it is taken out before loading.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import pytest

from gateway.core.errors import ConfigurationFault
from gateway.core.facts import TextQuery
from gateway.core.pages import ANYWHERE
from gateway.core.places import AtText, Straddle
from tests.settings.conftest import RULES, SITE, Configuration


def spoiled(good: str, part: str, bad: str) -> str:
    """Replace a part of a good file."""
    assert part in good
    return good.replace(part, bad)


IN_SITE = {
    "tab": ("sandbox: true", "§\tsandbox: true", "settings.syntax", "spaces"),
    "unclosed quote": ("name: Test", 'name: "Test', "settings.syntax", "quotes"),
    "duplicate key": ("name: Test", "name: Test\n§name: Twice", "settings.duplicate-key", "Remove"),
    "unknown key": ("sandbox: true", "§sandbx: true", "settings.unknown-key", "sandbox?"),
    "unknown key within": ("    type: csc", "    type: csc\n    §ulr: x", "settings.unknown-key", "url?"),
    "missing key": ("    url: sandbox://csc/v2\n", "", "settings.missing-key", "Add it"),
    "wrong type": ("sandbox: true", "sandbox: §maybe", "settings.wrong-type", "true or false"),
    "list for mapping": ("timestamp: {url: \"sandbox://tsa\"}", "timestamp: §[a]", "settings.wrong-type", "keys with values"),
    "wrong choice": ("type: csc", "type: §scs", "settings.wrong-value", "csc"),
    "bad duration": ("  invoices:", "  invoices: {settle: §fast}", "settings.wrong-value", "500ms"),
    "duration too long": ("  invoices:", "  invoices: {scan_every: §90h}", "settings.wrong-value", "between"),
    "bad length": ("width: 40mm", "width: §40", "settings.wrong-value", "mm"),
    "seal too small": ("width: 40mm", "width: §1mm", "settings.wrong-value", "mm"),
    "picture missing": ("image: seal.png", "image: §none.png", "settings.wrong-value", "PNG"),
    "too few dots": ("width: 40mm", "width: 290mm", "settings.wrong-value", "dots per inch"),
    "unknown service": ("service: sandbox", "service: §sandbx", "settings.unknown-name", "sandbox?"),
    "bad name": ("  invoices:", "  §In Voices:", "settings.wrong-value", "small letters"),
    "secret in the file": ("pin: {file: secrets/pin}", "pin: §hunter2", "settings.secret-in-yaml", "secret"),
    "secret missing": ("{file: secrets/pin}", "§{secret: other}", "settings.secret", "SEALGATE_SECRET_OTHER"),
    "login in address": ("url: sandbox://csc/v2", "url: §https://me:pw@host/", "settings.secret-in-yaml", "secret"),
    "plain http": ("url: sandbox://csc/v2", "url: §http://example.com/", "settings.wrong-value", "https"),
    "no address": ("url: sandbox://csc/v2", "url: §nowhere", "settings.wrong-value", "https"),
    "nested folders": ("  invoices:", "  invoices: {path: §outbox/in}", "settings.wrong-value", "of its own"),
    "same folder twice": ("  invoices:", "  invoices:\n  more: {path: §inbox/invoices}", "settings.wrong-value", "of its own"),
    "folder is a file": ("  invoices:", "  invoices:\noutbox: §seal.png", "settings.wrong-value", "folder"),
    "home folder": ("  invoices:", "  invoices:\noutbox: §~/out", "settings.wrong-value", "in full"),
    "control character": ("image: seal.png", 'image: §"a\\0b"', "settings.wrong-value", "file"),
    "raw control character": ("name: Test", "name: Te§\x07st", "settings.syntax", "Remove"),
    "no value": ("trust: {anchors: [state/sandbox/root.pem]}", "trust:§", "settings.wrong-type", "Or remove"),
    "empty value": ("name: Test", 'name: §""', "settings.missing-key", "Fill"),
    "key without text": ("name: Test", "name: Test\n§~: x", "settings.syntax", "text"),
    "unknown tag": ("name: Test", "name: §!!python/name:os.system x", "settings.syntax", "plain value"),
    "useless tag": ("name: Test", "name: §!!int 5", "settings.syntax", "plain value"),
    "undefined alias": ("name: Test", "name: §*gone", "settings.syntax", "valid YAML"),
    "no number": ("name: Test", "name: Test\nlimits: {in_flight: §many}", "settings.wrong-type", "whole number"),
    "number too large": ("name: Test", "name: Test\nlimits: {in_flight: §257}", "settings.wrong-value", "at most 256"),
    "no memory": ("name: Test", "name: Test\nlimits: {document_memory: §1MiB}", "settings.wrong-value", "at least"),
    "pauses reversed": ("name: Test", "name: Test\nretry: {first: 5m, longest: §2s}", "settings.wrong-value", "at least first"),
    "seal too high": ("service: sandbox}", "height: §400mm, service: sandbox}", "settings.wrong-value", "mm"),
    "secret with two sources": ("{file: secrets/pin}", "§{file: secrets/pin, secret: pin}", "settings.wrong-value", "exactly one"),
    "secret is a folder": ("{file: secrets/pin}", "§{file: secrets}", "settings.secret", "plain file"),
    "wrong secret name": ("{file: secrets/pin}", "§{secret: ../pin}", "settings.wrong-value", "letters"),
    "user without password": ('"sandbox://tsa"}', '"sandbox://tsa", user: §me}', "settings.missing-key", "both"),
    "private authority is none": ("    pin:", "    ca_file: §seal.png\n    pin:", "settings.wrong-value", "PEM"),
    "wrong port": ("url: sandbox://csc/v2", "url: §https://host:99999/", "settings.wrong-value", "https"),
    "query in address": ("url: sandbox://csc/v2", "url: §https://host/?key=1", "settings.wrong-value", "?"),
    "address of an example": ("url: sandbox://csc/v2", "url: §https://sign.example.com/csc", "settings.wrong-value", "own address"),
    "remote of another kind": ("  invoices:", '  invoices: {remote: {url: §"ftp://me@host/in", host_key: "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", key: {file: secrets/pin}}}', "settings.wrong-value", "sftp://USER"),
    "password in a remote address": ("  invoices:", '  invoices: {remote: {url: §"sftp://me:pw@host/in", host_key: "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", key: {file: secrets/pin}}}', "settings.secret-in-yaml", "secret"),
    "no host key": ("  invoices:", '  invoices: {remote: {url: "sftp://me@host/in", host_key: §"MD5:1", key: {file: secrets/pin}}}', "settings.wrong-value", "ssh-keygen"),
    "no login": ("  invoices:", '  invoices: {remote: §{url: "sftp://me@host/in", host_key: "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}}', "settings.wrong-value", "secret"),
    "key that this kind of remote folder has not": ("  invoices:", '  invoices: {remote: {url: "smb://me@host/share", host_key: §"SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", password: {file: secrets/pin}}}', "settings.wrong-value", "Leave it out"),
    "no fingerprint of a certificate": ("  invoices:", '  invoices: {remote: {url: "s3://me@host/bucket", certificate: §"AB:CD", password: {file: secrets/pin}}}', "settings.wrong-value", "openssl"),
    "two ways to know a remote server": ("  invoices:", '  invoices: {remote: {url: "s3://me@host/bucket", certificate: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", ca_file: §seal.png, password: {file: secrets/pin}}}', "settings.wrong-value", "Leave one out"),
    "no share": ("  invoices:", '  invoices: {remote: {url: §"smb://me@host/", password: {file: secrets/pin}}}', "settings.wrong-value", "smb://USER"),
    "share without password": ("  invoices:", '  invoices: {remote: §{url: "smb://me@host/share"}}', "settings.wrong-value", "secret"),
    "push named like an inbox": ("name: Test", 'name: Test\npush: {invoices: §{url: "sftp://me@host/out", host_key: "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", key: {file: secrets/pin}}}', "settings.duplicate-name", "otherwise"),
    "push from outside of the outbox": ("name: Test", 'name: Test\npush: {back: {from: §../archive, url: "sftp://me@host/out", host_key: "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", key: {file: secrets/pin}}}', "settings.wrong-value", "outbox"),
    "push into the folder that is fetched": ("inboxes:\n  invoices:", 'push: {back: {url: §"sftp://me@host:22/in", host_key: "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", key: {file: secrets/pin}}}\ninboxes:\n  invoices: {remote: {url: "sftp://me@host/in", host_key: "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", key: {file: secrets/pin}}}', "settings.wrong-value", "without end"),
    "no inbox": ("inboxes:\n  invoices:", "inboxes: §{}", "settings.missing-key", "at least one"),
    "token without a key": ("  sandbox:\n", "  hsm: §{type: pkcs11, module: seal.png, pin: {file: secrets/pin}}\n  sandbox:\n", "settings.missing-key", "LABEL"),
    "two time-stamps of one name": ('"sandbox://tsa"}', '"sandbox://tsa", failover: [{name: §tsa, url: "sandbox://tsa"}]}', "settings.duplicate-name", "Name each"),
    "time-stamps from nowhere": ('{url: "sandbox://tsa"}', "{service: §other}", "settings.unknown-name", "Name one"),
    "share out of range": ("    pin:", "    quota: {alarm_at: [§120%]}\n    pin:", "settings.wrong-value", "20%"),
    "transaction of several calls": ("    pin:", "    extend: §true\n    pin:", "settings.wrong-value", "calls: 1"),
    "anchor missing": ("[state/sandbox/root.pem]", "[§gone.pem]", "settings.unreadable", "name"),
    "anchor is none": ("[state/sandbox/root.pem]", "[§seal.png]", "settings.wrong-value", "certificate"),
}  # fmt: skip

IN_RULES = {
    "unknown inbox": ("inbox: invoices", "inbox: §invoice", "settings.unknown-name", "invoices?"),
    "unknown seal": ("seal: company", "seal: §compny", "settings.unknown-name", "company?"),
    "unknown rule key": ("    seal:", "    §sael: x\n    seal:", "settings.unknown-key", "seal?"),
    "missing place": ("    place: {page: last, corner: bottom-right, margin: 15mm}\n", "", "settings.missing-key", "Add it"),
    "wrong corner": ("bottom-right", "§bottom-rigth", "settings.wrong-value", "bottom-right?"),
    "wrong page": ("page: last", "page: §middle", "settings.wrong-value", "first"),
    "page zero": ("page: last", "page: §0", "settings.wrong-value", "from 1"),
    "margin without unit": ("margin: 15mm", "margin: §15", "settings.wrong-value", "mm"),
    "bad expression": ("    seal:", "    match: {text: §'(open'}\n    seal:", "settings.wrong-value", "regular expression"),
    "bad comparison": ("    seal:", "    match: {pages: §'many'}\n    seal:", "settings.wrong-value", ">=2"),
    "bad size": ("    seal:", "    match: {size: §'>1 acre'}\n    seal:", "settings.wrong-value", ">1MB"),
    "escaping folder": ("    seal:", "    deliver: {outbox: §../../etc}\n    seal:", "settings.wrong-value", "below"),
    "unknown placeholder": ("    seal:", "    deliver: {name: §'{stm}.pdf'}\n    seal:", "settings.wrong-value", "{stem}"),
    "empty expression": ("    seal:", "    match: {text: §''}\n    seal:", "settings.wrong-value", "leave the key out"),
    "absurd expression": ("    seal:", "    match: {text: §'a{99999999999}'}\n    seal:", "settings.wrong-value", "regular expression"),
    "bad expression for metadata": ("    seal:", "    match: {metadata: {Title: §'*'}}\n    seal:", "settings.wrong-value", "regular expression"),
    "glob from the root": ("    seal:", "    match: {path: §/inbox/*.pdf}\n    seal:", "settings.wrong-value", "below the inbox"),
    "glob upwards": ("    seal:", "    match: {path: [a.pdf, §../*.pdf]}\n    seal:", "settings.wrong-value", "below the inbox"),
    "glob with backslash": ("    seal:", "    match: {path: §'a\\*.pdf'}\n    seal:", "settings.wrong-value", "/"),
    "glob of a folder": ("    seal:", "    match: {path: §letters/}\n    seal:", "settings.wrong-value", "**"),
    "glob with open set": ("    seal:", "    match: {path: §'[a.pdf'}\n    seal:", "settings.wrong-value", "no ]"),
    "glob with senseless set": ("    seal:", "    match: {path: §'[z-a].pdf'}\n    seal:", "settings.wrong-value", "makes no sense"),
    "negative margin": ("margin: 15mm", "margin: §-15mm", "settings.wrong-value", "negative"),
    "endless offset": ("margin: 15mm", "offset: {x: §999999999mm}", "settings.wrong-value", "so large"),
    "open brace": ("    seal:", "    deliver: {name: §'{stem}{n.pdf'}\n    seal:", "settings.wrong-value", "'{'"),
    "result that is no PDF": ("    seal:", "    deliver: {name: §'{stem}.txt'}\n    seal:", "settings.wrong-value", ".pdf"),
    "hidden result": ("    seal:", "    deliver: {name: §'.{stem}.pdf'}\n    seal:", "settings.wrong-value", "hidden"),
    "hidden folder": ("    seal:", "    deliver: {outbox: §a/.b}\n    seal:", "settings.wrong-value", "hidden"),
    "wrong certification": ("    seal:", "    profile: {certify: §yes}\n    seal:", "settings.wrong-value", "no-changes"),
    "no rule name": ("name: all", "name: §B-LT", "settings.wrong-value", "small letters"),
    "rule is a text": ("rules:\n", "rules:\n  - §stamp it\n", "settings.wrong-type", "keys with values"),
    "in a list of one": ("{page: last, corner: bottom-right, margin: 15mm}", "[{page: §middle}]", "settings.wrong-value", "first"),
    "words and a corner": ("{page: last, corner: bottom-right, margin: 15mm}", "§{at: text, find: Seal, corner: center}", "settings.wrong-value", "corner"),
    "text without words": ("{page: last, corner: bottom-right, margin: 15mm}", "§{at: text}", "settings.wrong-value", "find"),
    "two ways": ("{page: last, corner: bottom-right, margin: 15mm}", '§{corner: center, edge: left}', "settings.wrong-value", "corner or edge"),
    "half a point": ("{page: last, corner: bottom-right, margin: 15mm}", '§{x: 10mm}', "settings.wrong-value", "go together"),
    "two names for pages": ("{page: last, corner: bottom-right, margin: 15mm}", '§{page: 1, pages: all}', "settings.wrong-value", "one of them"),
    "pattern and words": ("{page: last, corner: bottom-right, margin: 15mm}", '§{at: text, find: a, pattern: b}', "settings.wrong-value", "instead of find"),
    "pattern of a field": ("{page: last, corner: bottom-right, margin: 15mm}", '§{at: form-field, pattern: b}', "settings.wrong-value", "at: text"),
    "no such occurrence": ("{page: last, corner: bottom-right, margin: 15mm}", '{at: text, find: a, occurrence: §second}', "settings.wrong-value", "first"),
    "no such side": ("{page: last, corner: bottom-right, margin: 15mm}", '{at: text, find: a, side: §under}', "settings.wrong-value", "below"),
    "pages backwards": ("{page: last, corner: bottom-right, margin: 15mm}", '{pages: §1-}', "settings.wrong-value", "1,3-5,-2"),
    "pages by a bad pattern": ("{page: last, corner: bottom-right, margin: 15mm}", '{pages: {text: §"("}}', "settings.wrong-value", "regular expression"),
    "straddle with a corner": ("{page: last, corner: bottom-right, margin: 15mm}", '§{straddle: {edge: right}, corner: center}', "settings.wrong-value", "corner or straddle"),
    "straddle that avoids": ("{page: last, corner: bottom-right, margin: 15mm}", '§{straddle: {edge: right}, avoid: text}', "settings.wrong-value", "avoid"),
    "straddle over one page": ("{page: last, corner: bottom-right, margin: 15mm}", '{straddle: {max: §1}}', "settings.wrong-value", "at least 2"),
    "straddle edge": ("{page: last, corner: bottom-right, margin: 15mm}", '{straddle: {edge: §inside}}', "settings.wrong-value", "left"),
    "second place of many": ("{page: last, corner: bottom-right, margin: 15mm}", '[{page: first}, {corner: §left-top}]', "settings.wrong-value", "top-left"),
    "fallback of a fallback": ("{page: last, corner: bottom-right, margin: 15mm}", '{at: text, find: a, fallback: {at: text, find: b, fallback: {edge: §middle}}}', "settings.wrong-value", "left"),
    "fallback to nothing known": ("{page: last, corner: bottom-right, margin: 15mm}", '{fallback: §stop}', "settings.wrong-type", "list"),
    "seal of a place": ("{page: last, corner: bottom-right, margin: 15mm}", '[{}, {page: first, seal: §compny}]', "settings.unknown-name", "company"),
    "two fields": ("{page: last, corner: bottom-right, margin: 15mm}", '§[{field: a}, {field: b}]', "settings.wrong-value", "one field"),
    "table in a row": ("{page: last, corner: bottom-right, margin: 15mm}", '{table: {pattern: x, rows: {A: §{table: {pattern: y, rows: {B: {}}}}}}}', "settings.wrong-value", "rows"),
    "table without rows": ("{page: last, corner: bottom-right, margin: 15mm}", '{table: {pattern: x, rows: §{}}}', "settings.missing-key", "at least one"),
    "unknown key of a row": ("{page: last, corner: bottom-right, margin: 15mm}", '{table: {pattern: x, rows: {A: {§korner: center}}}}', "settings.unknown-key", "corner"),
    "unknown finding": ("    seal:", "    refuse: §javascripts\n    seal:", "settings.wrong-value", "javascript?"),
    "unknown condition": ("    seal:", "    match: {findings: §not sined}\n    seal:", "settings.wrong-value", "signed"),
    "half a condition": ("    seal:", "    match: {findings: §never signed}\n    seal:", "settings.wrong-value", "or not and"),
    "always broken": ("    seal:", "    allow: §signature-broken\n    seal:", "settings.wrong-value", "Write one of"),
    "unknown repair": ("    seal:", "    repair: §always\n    seal:", "settings.wrong-value", "unsigned"),
    "nothing to keep": ("    seal:", "    keep: §pdf\n    seal:", "settings.wrong-value", "pdfa"),
    "unknown level": ("    seal:", "    profile: {level: §B-XL}\n    seal:", "settings.wrong-value", "B-LTA"),
    "rules are no list": ("rules:\n  - name: all", "rules: §none\nx:\n  - name: all", "settings.wrong-type", "list"),
}  # fmt: skip


def check(configuration: Configuration, file: str, text: str, code: str, remedy: str) -> None:
    """Load with a marked text in place of a file; find the problem where the mark was."""
    marked = "§" in text
    line = text[: text.index("§")].count("\n") + 1 if marked else 0
    column = text.index("§") - (text.rfind("\n", 0, text.index("§"))) if marked else 0
    configuration.write(file, text.replace("§", ""))
    found = [item for item in configuration.problems() if item.code == code and item.file == file]
    assert found, configuration.problems()
    problem = found[0]
    if marked:
        assert (problem.line, problem.column) == (line, column), problem
    assert problem.line > 0
    assert remedy in problem.remedy + problem.message


@pytest.mark.parametrize("kind", IN_SITE)
def test_site_file(configuration: Configuration, kind: str) -> None:
    """A fault in gateway.yaml is reported where it is, with its code and a remedy."""
    part, bad, code, remedy = IN_SITE[kind]
    check(configuration, "gateway.yaml", spoiled(SITE, part, bad), code, remedy)


@pytest.mark.parametrize("kind", IN_RULES)
def test_rule_file(configuration: Configuration, kind: str) -> None:
    """A fault in a rule file is reported where it is, with its code and a remedy."""
    part, bad, code, remedy = IN_RULES[kind]
    check(configuration, "rules/a.yaml", spoiled(RULES, part, bad), code, remedy)


@pytest.mark.parametrize("text", ["", "# only a comment\n", "- a\n- b\n", "just words\n"])
def test_no_mapping(configuration: Configuration, text: str) -> None:
    """A file that is empty or no mapping is refused as such."""
    configuration.write("gateway.yaml", text)
    assert [item.code for item in configuration.problems()] == ["settings.syntax"]


def test_not_utf8(configuration: Configuration) -> None:
    """A file in another encoding is refused at the first foreign byte."""
    (configuration.root / "gateway.yaml").write_bytes(b"sandbox: true\nname: Caf\xe9\n")
    (problem,) = configuration.problems()
    assert (problem.line, problem.column, problem.code) == (2, 10, "settings.syntax")


def test_alias_bomb(configuration: Configuration) -> None:
    """Aliases that would multiply without end are refused at once."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    for level in range(1, 12):
        inner = ", ".join([f"*a{level - 1}"] * 10)
        lines.append(f"a{level}: &a{level} [{inner}]")
    configuration.write("rules/a.yaml", "\n".join(lines))
    (problem,) = configuration.problems()
    assert "Aliases" in problem.message


def test_duplicate_rule_names(configuration: Configuration) -> None:
    """Two rules of one inbox with one name are refused, across files too."""
    configuration.write("rules/b.yaml", RULES)
    (problem,) = configuration.problems()
    assert (problem.file, problem.line, problem.column) == ("rules/b.yaml", 3, 11)
    assert problem.code == "settings.duplicate-name"
    assert "rules/a.yaml:3" in problem.message


def test_stamped_level_needs_an_authority(configuration: Configuration) -> None:
    """Level B-T without a time-stamp authority is refused at the rule."""
    configuration.write("gateway.yaml", spoiled(SITE, 'timestamp: {url: "sandbox://tsa"}\n', ""))
    configuration.write("rules/a.yaml", RULES + "    profile: {level: B-T}\n")
    (problem,) = configuration.problems()
    assert (problem.file, problem.line, problem.column) == ("rules/a.yaml", 6, 22)


def test_no_rules(configuration: Configuration) -> None:
    """A site without any rule file is refused."""
    (configuration.root / "rules" / "a.yaml").unlink()
    assert [item.code for item in configuration.problems()] == ["settings.no-rules"]


def test_everything_at_once(configuration: Configuration) -> None:
    """Faults in several files are all reported at once, in order of file and line."""
    bad = spoiled(spoiled(SITE, "type: csc", "type: scs"), "width: 40mm", "width: 40")
    configuration.write("gateway.yaml", bad)
    configuration.write("rules/a.yaml", spoiled(RULES, "bottom-right", "nowhere"))
    configuration.write("rules/b.yaml", "inbox: [unclosed\n")
    configuration.write("rules/c.yaml", spoiled(RULES, "page: last", "page: 0, colour: red"))
    found = [(item.file, item.line, item.code) for item in configuration.problems()]
    assert found == [
        ("gateway.yaml", 7, "settings.wrong-value"),
        ("gateway.yaml", 12, "settings.wrong-value"),
        ("rules/a.yaml", 5, "settings.wrong-value"),
        ("rules/b.yaml", 2, "settings.syntax"),
        ("rules/c.yaml", 3, "settings.duplicate-name"),
        ("rules/c.yaml", 5, "settings.wrong-value"),
        ("rules/c.yaml", 5, "settings.unknown-key"),
    ]


def test_a_faulty_value_hides_no_other(configuration: Configuration) -> None:
    """Beside values of the wrong form, wrong names, files and secrets are still found."""
    bad = SITE.replace("type: csc", "type: scs").replace("secrets/pin", "secrets/gone")
    bad = bad.replace("service: sandbox", "service: sandbx").replace(
        "root.pem]", "root.pem, no.pem]"
    )
    configuration.write("gateway.yaml", bad + "limits: [none]\n")
    rules = RULES.replace("corner: bottom-right", "colour: red").replace("company", "compny")
    configuration.write("rules/a.yaml", rules + "  - name: second\n    seal: nobody\n")
    found = [(item.file, item.line, item.code) for item in configuration.problems()]
    assert found == [
        ("gateway.yaml", 7, "settings.wrong-value"),
        ("gateway.yaml", 9, "settings.secret"),
        ("gateway.yaml", 12, "settings.unknown-name"),
        ("gateway.yaml", 13, "settings.unreadable"),
        ("gateway.yaml", 14, "settings.wrong-type"),
        ("rules/a.yaml", 4, "settings.unknown-name"),
        ("rules/a.yaml", 5, "settings.unknown-key"),
        ("rules/a.yaml", 6, "settings.missing-key"),
        ("rules/a.yaml", 7, "settings.unknown-name"),
    ]


@pytest.mark.parametrize(
    ("part", "bad"),
    [
        ("services:\n  sandbox:", "services:\n  sandbox: [none]\n  other:"),
        ("sandbox: true", "sandbox: maybe"),
        ("  invoices:", "  invoices: none"),
        ('{url: "sandbox://tsa"}', "none"),
        ("{image: seal.png, width: 40mm, service: sandbox}", "none"),
        ("{anchors: [state/sandbox/root.pem]}", "{anchors: {a: b}}"),
        ("width: 40mm", "width: none"),
        ("url: sandbox://csc/v2", "url: [none]"),
    ],
)
def test_one_fault_is_one_problem(configuration: Configuration, part: str, bad: str) -> None:
    """What only follows from a faulty value is not held against its author as well."""
    configuration.write("gateway.yaml", spoiled(SITE, part, bad))
    configuration.write("rules/a.yaml", RULES + "    profile: {level: B-T}\n")
    assert len(configuration.problems()) == 1, configuration.problems()


JUNK = (
    "",
    "~",
    "[]",
    "{}",
    "[[x]]",
    "{x: y}",
    "!!int 5",
    "!!set {a}",
    '"\\0"',
    "~nobody/x",
    "../..",
    "9" * 400,
)


@pytest.mark.parametrize("junk", JUNK)
def test_no_value_breaks_the_loader(configuration: Configuration, junk: str) -> None:
    """Whatever stands in the place of any value, the answer is a list of problems, or none."""
    for name, text in (("gateway.yaml", SITE), ("rules/a.yaml", RULES)):
        lines = text.splitlines()
        for number, line in enumerate(lines):
            key, colon, _ = line.partition(": ")
            if not colon:
                continue
            spoiled_lines = [*lines[:number], f"{key}: {junk}", *lines[number + 1 :]]
            configuration.write(name, "\n".join(spoiled_lines))
            with contextlib.suppress(ConfigurationFault):
                configuration.load()
        configuration.write(name, text)


def test_link_out_of_the_folder(configuration: Configuration, tmp_path: Path) -> None:
    """A rule file may be a link within rules/, but not to somewhere else."""
    rules = configuration.root / "rules"
    (rules / "a.yaml").rename(rules / ".data")
    (rules / "a.yaml").symlink_to(".data")
    assert len(configuration.load().rulebook.rules) == 1
    (rules / ".data").rename(tmp_path / "outside")
    (rules / "a.yaml").unlink()
    (rules / "a.yaml").symlink_to(tmp_path / "outside")
    (problem,) = configuration.problems()
    assert problem.code == "settings.unreadable"
    assert "out of its folder" in problem.message


def test_fifo_is_not_waited_for(configuration: Configuration) -> None:
    """A FIFO in place of a rule file, a picture or an anchor is refused at once."""
    (configuration.root / "rules" / "a.yaml").unlink()
    for name in ("rules/a.yaml", "pipe"):
        os.mkfifo(configuration.root / name)
    bad = SITE.replace("seal.png", "pipe").replace("state/sandbox/root.pem", "pipe")
    configuration.write("gateway.yaml", bad)
    codes = [item.code for item in configuration.problems()]
    assert codes == ["settings.wrong-value", "settings.unreadable", "settings.unreadable"]


def test_links_hide_no_loop(configuration: Configuration) -> None:
    """An inbox that is a link to the outbox is found to be the outbox."""
    inbox = configuration.root / "inbox" / "invoices"
    inbox.rmdir()
    (configuration.root / "outbox").mkdir()
    inbox.symlink_to("../outbox")
    (problem,) = configuration.problems()
    assert (problem.line, problem.code) == (4, "settings.wrong-value")
    assert "outbox" in problem.message


def test_other_ending(configuration: Configuration) -> None:
    """A rule file that would silently not be read, because of its ending, is pointed out."""
    configuration.write("rules/b.yml", RULES)
    (problem,) = configuration.problems()
    assert (problem.file, problem.remedy) == ("rules/b.yml", "Rename it to b.yaml.")


def test_oversized_file(configuration: Configuration) -> None:
    """A file beyond all reason is refused without being parsed."""
    configuration.write("rules/a.yaml", "# padding\n" * 30_000)
    (problem,) = configuration.problems()
    assert problem.code == "settings.unreadable"


def test_anchor_with_several_certificates(configuration: Configuration, sandbox_root: Path) -> None:
    """A bundle, of which only the first certificate would count, is refused."""
    bundle = configuration.root / "bundle.pem"
    bundle.write_bytes(sandbox_root.read_bytes() * 2)
    configuration.write("gateway.yaml", SITE.replace("state/sandbox/root.pem", "bundle.pem"))
    (problem,) = configuration.problems()
    assert "2 certificates" in problem.message


def test_messages_are_fit_for_a_terminal(configuration: Configuration) -> None:
    """No control character of a file reaches the terminal through a message."""
    text = spoiled(RULES, "name: all", 'name: "a\\e[31m"').replace("seal:", '"se\\eal":')
    configuration.write("rules/a.yaml", text)
    assert all(str(item).replace("\n", "").isprintable() for item in configuration.problems())


def test_example_of_the_manual(configuration: Configuration) -> None:
    """What a later version will do is refused in so many words, where it stands."""
    configuration.write(
        "rules/a.yaml",
        """\
inbox: invoices
rules:
  - name: contracts
    match: {path: "contracts/**/*.pdf", pages: ">=2", text: "盖章处|Seal here"}
    seal: company
    place:
      - at: text
        find: "盖章处"
        occurrence: last
        offset: {x: 10mm, y: -5mm}
      - straddle: {edge: right, pages: all}
    profile: {level: B-LTA, certify: no-changes}
    deliver: {outbox: contracts, name: "{stem}-sealed{n}.pdf"}
""",
    )
    (rule,) = configuration.load().rulebook.rules
    text, straddle = rule.places
    assert (text.spot, text.source) == (AtText(TextQuery("盖章处"), "last"), "rules/a.yaml:7")
    assert (straddle.spot, straddle.pages) == (Straddle(), ANYWHERE)


def test_key_in_a_file_is_for_evaluation(configuration: Configuration) -> None:
    """A production site must not sign with a key that lies in a file."""
    local = "type: local\n    file: seal.png\n    password: {file: secrets/pin}"
    text = SITE.replace("type: csc\n    url: sandbox://csc/v2\n    pin: {file: secrets/pin}", local)
    configuration.write("gateway.yaml", text)
    assert configuration.load().settings.services[0].name == "sandbox"
    text = text.replace("sandbox: true\n", "").replace("sandbox://tsa", "https://tsa.test/")
    configuration.write("gateway.yaml", text)
    found = [item for item in configuration.problems() if item.code == "settings.sandbox"]
    assert [(item.line, item.column) for item in found] == [(6, 11)]
