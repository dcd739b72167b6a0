"""What examining a document can find: a closed list, each with its meaning and its weight.

Findings are facts about one file, told in `explain` and in receipts, and matched by rules. What
they are made of is looked at in `gateway.pdf.findings`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """What a finding means for sealing."""

    NOTE = "note"
    """It says what kind of document it is."""
    CAUTION = "caution"
    """Whoever relies on the seal may want to know; it is sealed unless the rule refuses it."""
    DANGER = "danger"
    """It is refused unless the rule allows it."""
    BROKEN = "broken"
    """It is refused, whatever the rule says."""


@dataclass(frozen=True)
class Kind:
    """One row of the closed list."""

    name: str
    severity: Severity
    meaning: str


@dataclass(frozen=True)
class FindingCondition:
    """What a rule asks: that a finding, or one of a group, is there, or that none is."""

    name: str
    absent: bool = False

    def holds(self, findings: Iterable[Finding]) -> bool:
        """Tell whether a document with these findings fulfils it."""
        wanted = expanded((self.name,))
        return any(one.name in wanted for one in findings) is not self.absent

    @property
    def written(self) -> str:
        """Return it as in a rule."""
        return f"not {self.name}" if self.absent else self.name


@dataclass(frozen=True)
class Finding:
    """One finding in one document."""

    name: str
    detail: str = ""
    """In words: how many, where, which."""

    @property
    def kind(self) -> Kind:
        """Return what it means."""
        return KINDS[self.name]

    @property
    def words(self) -> str:
        """Name it with its detail."""
        return f"{self.name} ({self.detail})" if self.detail else self.name


def _rows(severity: Severity, **meanings: str) -> tuple[Kind, ...]:
    return tuple(
        Kind(name.replace("_", "-"), severity, meaning) for name, meaning in meanings.items()
    )


_NOTES = _rows(
    Severity.NOTE,
    cross_reference_stream="Its table of objects is a stream, as in PDF 1.5 and later.",
    updated="It was changed after it was first written, by updates at its end.",
    encrypted="It is encrypted, and a password of this site, or the empty one, opens it.",
    signed="It has signatures.",
    certified="Its author certified it and said which changes are allowed.",
    fields_locked="A signature in it locks form fields.",
    empty_signature_field="It has signature fields that wait for a signature.",
    usage_rights="Its author gave rights to users of a reader.",
    form="It has form fields.",
    needs_appearances="It asks viewers to draw its form fields by themselves.",
    pdfa="It claims to be PDF/A.",
    tagged="It claims to be tagged.",
    hidden_annotations="It has comments or fields that viewers do not show.",
    ocr_text="It has unseen text together with a picture of it, as scanners make it.",
    repaired="Its structure was mended before it was sealed, because the rule wants that.",
)
_CAUTIONS = _rows(
    Severity.CAUTION,
    late_header="Other bytes stand before its header.",
    trailing_bytes="Bytes that belong to nothing follow its end.",
    hybrid_cross_reference="It has two tables of objects, of which a reader believes one.",
    size_too_small="Its trailer's /Size is smaller than its highest object number.",
    page_count_wrong="Its list of pages says another number of pages than it has.",
    stream_length_wrong="A stream is longer or shorter than its /Length says.",
    hidden_layers="It has layers that are switched off and can be switched on.",
    layers_for_print="It has layers that show on paper and not on a screen, or the reverse.",
    invisible_text="It has text that is drawn invisibly, or in the colour of what is below it.",
    covered_text="It has text below a picture or an area that hides it.",
    text_outside_page="It has text outside of what is shown of its pages.",
    tiny_text="It has text that is too small to be seen.",
    javascript="It has JavaScript, which can change what is shown.",
    form_submission="It can send its form, or take data, from elsewhere.",
    rich_media="It has sounds, films or 3D.",
    embedded_files="It carries other files.",
    xfa="Its form is described twice, as XFA, too.",
    external_content="It shows content that lies in another file.",
    not_all_examined="It has more in it than is looked at.",
)
_DANGERS = _rows(
    Severity.DANGER,
    launch_action="It can start a program or open a file of the reader's machine.",
    signature_removed="A signature that it once had was taken out of its field.",
    shadow_objects="It has a second body for an object, which another reader could show.",
)
_BROKEN = _rows(
    Severity.BROKEN,
    signature_broken="A signature in it does not fit the bytes that it covers.",
    signature_wrapped="A signature in it leaves out bytes that it should cover.",
    changed_after_signature="It was changed after a signature beyond what that one allows.",
)

KINDS = {kind.name: kind for kind in (*_NOTES, *_CAUTIONS, *_DANGERS, *_BROKEN)}
"""Every finding there is, by its name."""

GROUPS = {
    "active-content": ("javascript", "launch-action", "form-submission", "rich-media"),
    "hidden-content": (
        *("shadow-objects", "hidden-layers", "layers-for-print", "external-content"),
        *("invisible-text", "covered-text", "text-outside-page", "tiny-text"),
    ),
}
"""Names by which rules mean several findings."""

NAMES = (*(name for name in KINDS if KINDS[name].severity is not Severity.BROKEN), *GROUPS)
"""What rules may name: a document with anything else comes before no rule."""


def expanded(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names of findings, each group replaced by its own."""
    every = (one for name in names for one in GROUPS.get(name, (name,)))
    return tuple(dict.fromkeys(every))


def refused(
    findings: Iterable[Finding], *, allow: tuple[str, ...] = (), refuse: tuple[str, ...] = ()
) -> tuple[Finding, ...]:
    """Return the findings for which a rule with these lists refuses a document.

    The more particular word counts, and of two alike the refusal: `allow: active-content` beside
    `refuse: javascript` refuses JavaScript.
    """
    return tuple(one for one in findings if _is_refused(one, allow, refuse))


def _is_refused(finding: Finding, allow: tuple[str, ...], refuse: tuple[str, ...]) -> bool:
    severity = finding.kind.severity
    if severity is Severity.BROKEN or finding.name in refuse:
        return True
    if finding.name in allow:
        return False
    if finding.name in expanded(refuse):
        return True
    return severity is Severity.DANGER and finding.name not in expanded(allow)
