"""Bad configuration of many kinds: the right line, column, code and remedy for each.

In the cases `§` stands where the problem must be reported; it is taken out before loading.
"""

from __future__ import annotations

import pytest

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
    "wrong type": ("sandbox: true", "sandbox: §maybe", "settings.wrong-type", "boolean"),
    "list for mapping": ("timestamp: {url: \"sandbox://tsa\"}", "timestamp: §[a]", "settings.wrong-type", "dictionary"),
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
    "nested folders": ("  invoices:", "  invoices: {path: outbox/in}\noutbox: §outbox", "settings.wrong-value", "of its own"),
    "no inbox": ("inboxes:\n  invoices:", "inboxes: §{}", "settings.missing-key", "at least one"),
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
    "text without words": ("{page: last, corner: bottom-right, margin: 15mm}", "§{at: text}", "settings.wrong-value", "find"),
    "two places": ("{page: last, corner: bottom-right, margin: 15mm}", "[{page: first}, §{page: last}]", "settings.not-supported", "Leave"),
    "straddle": ("{page: last, corner: bottom-right, margin: 15mm}", "{§straddle: {edge: right}}", "settings.not-supported", "Leave"),
    "later level": ("    seal:", "    profile: {level: §B-LTA}\n    seal:", "settings.not-supported", "Leave"),
    "rules are no list": ("rules:\n  - name: all", "rules: §none\nx:\n  - name: all", "settings.wrong-type", "tuple"),
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
    found = [(item.file, item.code) for item in configuration.problems()]
    assert found == [
        ("gateway.yaml", "settings.wrong-value"),
        ("gateway.yaml", "settings.wrong-value"),
        ("rules/a.yaml", "settings.wrong-value"),
        ("rules/b.yaml", "settings.syntax"),
        ("rules/c.yaml", "settings.wrong-value"),
        ("rules/c.yaml", "settings.unknown-key"),
    ]
