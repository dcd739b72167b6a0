"""`sealgate flows templates, template, simulate, draw`: definitions, before anything begins."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

from gateway.cli.output import Cell, complain, say, show
from gateway.cli.site import checked, opened
from gateway.core.errors import DocumentFault, UsageFault
from gateway.core.flow_definition import FlowDefinition
from gateway.core.flow_drawing import Standing, drawn
from gateway.core.flow_events import StepState
from gateway.core.flow_simulating import ChosenAct, Moment, Played, Wait, play
from gateway.core.flow_words import spelt
from gateway.core.names import display
from gateway.core.notice_settings import Language
from gateway.settings.flow_templates import ABOUT, flow_template
from gateway.settings.problems import did_you_mean
from gateway.settings.written import seconds_of
from gateway.wiring.flows import flow_office

_COLUMNS = ("after", "what", "step", "who", "detail")
_HIDDEN = ("sha256", "job", "definition", "flow", "source", "owner", "number")


def flows_templates(chosen: argparse.Namespace) -> int:
    """List the definitions that come with Sealgate."""
    show("Templates of flows", ("name", "what for"), list(ABOUT.items()), as_json=chosen.json)
    return 0


def flows_template(chosen: argparse.Namespace) -> int:
    """Print a template."""
    say(flow_template(chosen.name).rstrip("\n"))
    return 0


def flows_simulate(chosen: argparse.Namespace) -> int:
    """Play a definition; exit 1 when a chosen act was refused."""
    definition, language = _definition(chosen)
    script = [_scripted(kind, written) for kind, written in chosen.script or ()]
    acts = any(isinstance(one, ChosenAct) for one in script)
    fields = tuple(map(_field, chosen.field))
    try:
        played = play(definition, script, fields, finish=chosen.finish or not acts)
    except DocumentFault as fault:
        raise UsageFault("flow.cannot-play", f"--field NAME=VALUE: {fault.detail}") from fault
    rows = [_row(moment) for moment in played.moments]
    show(definition.title or definition.name, _COLUMNS, rows, as_json=chosen.json)
    if not chosen.json:
        say(_conclusion(played))
    if chosen.svg is not None:
        _write(chosen.svg, drawn([definition], story=played.status, language=language))
    return 1 if played.refused else 0


def flows_draw(chosen: argparse.Namespace) -> int:
    """Draw definitions and where documents stand, or the story of one document, as SVG."""
    with opened(chosen.site) as site:
        office, language = flow_office(site), site.loaded.settings.language
        if chosen.flow is not None:
            flow = office.flow(chosen.flow)
            picture = drawn([flow.definition], story=flow.status, language=language)
        else:
            flows = site.loaded.flows
            if chosen.definition is not None:
                flows = (_named(flows, chosen.definition),)
            if not flows:
                raise UsageFault("flow.unknown", "this site has none")
            standing = (
                Standing(row.name, display(row.source), row.state, row.steps)
                for row in office.flows()
            )
            picture = drawn(flows, standing, language=language)
    if chosen.output is None:
        say(picture)
    else:
        _write(chosen.output, picture)
    return 0


def _definition(chosen: argparse.Namespace) -> tuple[FlowDefinition, Language]:
    """Return a flow of the site, or the one in a file that belongs to no site yet."""
    draft = Path(chosen.definition)
    drafted = draft.suffix == ".yaml" and draft.is_file()
    loaded = checked(chosen.site, flow=draft if drafted else None)
    flow = loaded.flows[0] if drafted else _named(loaded.flows, chosen.definition)
    return flow, loaded.settings.language


def _named(flows: Iterable[FlowDefinition], name: str) -> FlowDefinition:
    known = {flow.name: flow for flow in flows}
    if name not in known:
        raise UsageFault("flow.unknown", f"{name}.{did_you_mean(name, known)}")
    return known[name]


def _scripted(kind: str, written: str) -> ChosenAct | Wait:
    try:
        return ChosenAct.parse(written) if kind == "act" else Wait(seconds_of(written))
    except ValueError as error:
        raise UsageFault("flow.cannot-play", f"--{kind} {written!r}: {error}") from None


def _field(written: str) -> tuple[str, str]:
    name, sign, value = written.partition("=")
    if not (name and sign):
        what = f"--field {written!r}: write NAME=VALUE"
        raise UsageFault("flow.cannot-play", what)
    return name, value


def _row(moment: Moment) -> tuple[Cell, ...]:
    after = f"+{spelt(moment.after)}"
    event, fault = moment.event, moment.fault
    if fault is not None:
        return after, "refused", "", "", display(f"{moment.act}: {fault.sentence} [{fault.code}]")
    assert event is not None  # noqa: S101  # it is either
    told = [
        f"{key.removeprefix('field.')}: {value}"
        for key, value in event.details
        if key not in _HIDDEN and key != "due"
    ]
    begun, due = event.at, event.moment("due")
    if due is not None:
        told.append(f"due after {spelt((due - begun).total_seconds())}")
    return after, event.kind.value, event.step, event.actor, display(", ".join(told))


def _conclusion(played: Played) -> str:
    status = played.status
    if status.state.ended:
        return f"{status.state.value}{f': {status.why}' if status.why else ''}"
    waiting = status.at(StepState.OPEN)
    return "waits: " + ", ".join(f"{one.name} ({' or '.join(one.parties)})" for one in waiting)


def _write(path: Path, picture: str) -> None:
    try:
        path.write_text(picture + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageFault("usage.no-output", f"{path}: {error.strerror}") from error
    complain(f"drawn: {path}")
