"""The page beside a document in todo/: what it is, what is asked, until when, and how to act."""

from __future__ import annotations

from datetime import datetime
from html import escape

from gateway.core.flow_definition import Step, StepKind
from gateway.core.flow_state import StepStatus
from gateway.core.names import display
from gateway.core.notice_settings import Language
from gateway.flows.note_words import WORDS
from gateway.ports import Flow

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 3rem auto; max-width: 42rem; padding: 0 1rem }
h1 { font-size: 1.4rem; margin: 0 }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.2rem }
dt { color: GrayText } dd { margin: 0; overflow-wrap: anywhere }
p.ask { border-inline-start: 4px solid #b3261e; padding: .4rem .8rem }
code { font-size: .85em } ol, ul { padding-inline-start: 1.4rem }
@page { size: A4; margin: 2cm }
"""
_LONGEST = 300


def cover_note(flow: Flow, step: Step, standing: StepStatus, language: Language) -> bytes:
    """Write the cover note of a document that waits for a step, as one page of HTML."""
    words = WORDS[language]
    status, definition = flow.status, flow.definition
    party = definition.party(standing.parties[0] if standing.parties else step.party)
    facts = [
        (words.document, status.source),
        (words.flow, definition.title or definition.name),
        (words.step, step.name),
        (words.party, party.label),
        (words.due, _shown(standing.due) if standing.due else words.no_deadline),
        (words.begun_by, status.owner),
        *((key, value) for key, value in status.fields),
    ]
    rows = "".join(
        f"<dt>{_html(label)}</dt><dd><bdi>{_html(value)}</bdi></dd>\n"
        for label, value in facts
        if value
    )
    how = words.sign if step.kind is StepKind.SIGN_OUTSIDE else words.approve
    ask = step.text or words.asks[step.kind]
    acts = "".join(f"<li>{text}</li>\n" for text in (how, words.reject))
    return f"""<!DOCTYPE html>
<html lang="{language.value}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{_html(status.source)}</title>
<style>{_STYLE}</style>
</head>
<body>
<h1><bdi>{_html(status.source)}</bdi></h1>
<p class="ask"><bdi>{_html(ask)}</bdi></p>
<dl>
{rows}<dt>SHA-256</dt><dd><code>{status.current}</code></dd>
<dt>{_html(words.number)}</dt><dd><code>{flow.id}</code></dd>
</dl>
<ul>
{acts}</ul>
<h2>{_html(words.way)}</h2>
<ol>
{_path(flow, words.states)}</ol>
</body>
</html>
""".encode()


def _path(flow: Flow, states: dict[str, str]) -> str:
    lines = []
    for step in flow.definition.steps:
        standing = flow.status.step(step.name)
        label = flow.definition.party(step.party).label
        state = states.get(standing.state.value, standing.state.value)
        when = f", {_shown(standing.at)}" if standing.at and standing.actor else ""
        lines.append(f"<li>{_html(step.name)} · {_html(label)}: {_html(state)}{when}</li>\n")
    return "".join(lines)


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _html(text: str) -> str:
    shown = " ".join(display(text).split())
    return escape(shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…")
