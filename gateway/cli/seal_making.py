"""`sealgate seals add, draw, export`: artwork in, and out again."""

from __future__ import annotations

import argparse
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from gateway.cli.output import say, show
from gateway.cli.seal_facts import facts_of, millimetres
from gateway.cli.seals import grants_of, keeping, terms_of
from gateway.cli.site import opened
from gateway.core.errors import ConfigurationFault, UsageFault
from gateway.core.registry import ArtworkKind, RegisteredSeal, SealVersion
from gateway.pipeline.seal_keeping import SealKeeping
from gateway.pipeline.seal_looks import SealLook, SealWorkshop, points
from gateway.ports import Wish
from gateway.settings.yaml_file import read_yaml
from gateway.wiring import Site


def seals_add(chosen: argparse.Namespace) -> int:
    """Register a seal, or a new version of one, from a file."""
    if not chosen.file.is_file():
        raise UsageFault("usage.no-file", str(chosen.file))
    if chosen.width is None:
        raise UsageFault("usage.seal-option", "say how wide it is printed: --width 40mm")
    wish = Wish(
        width=points("width", chosen.width),
        height=points("height", chosen.height) if chosen.height is not None else None,
        whiteness=chosen.whiteness,
        opacity=_opacity(chosen.opacity) if chosen.opacity is not None else 1.0,
        multiply=chosen.multiply,
        turn=chosen.turn or 0.0,
    )
    with _making(chosen) as (site, keeper):
        look = _workshop(site).imported(chosen.file.absolute(), wish)
        _register(chosen, keeper, look)
    return 0


def seals_draw(chosen: argparse.Namespace) -> int:
    """Register a seal, or a new version of one, from a design."""
    with _making(chosen) as (site, keeper):
        written = _design(chosen.design) if chosen.design is not None else None
        try:
            design = site.equipment.designs().design_from_options(
                design=written,
                template=chosen.template or "",
                words=_words(chosen),
                changes=_changes(chosen),
            )
        except ValueError as error:
            raise UsageFault("usage.seal-option", str(error)) from error
        source = (
            f"template {chosen.template}" if chosen.template else f"design {chosen.design.name}"
        )
        now = site.equipment.clock.now()
        equipment = site.equipment
        artist, designs = equipment.artist(), equipment.designs()
        look = _workshop(site).drawn(artist, designs, design, source, now)
        _register(chosen, keeper, look)
    return 0


def seals_templates(chosen: argparse.Namespace) -> int:
    """List the ready designs, and the words that each wants and takes."""
    with opened(chosen.site, with_rules=False) as site:
        ready = site.equipment.designs().ready_templates()
    rows = [(one.name, ", ".join(one.wants), ", ".join(one.takes), one.what) for one in ready]
    show("Templates", ("name", "wants", "takes", "what"), rows, as_json=chosen.json)
    return 0


def seals_export(chosen: argparse.Namespace) -> int:
    """Write a seal's artwork, its facts as JSON, or both as a zip archive."""
    form = chosen.target.suffix.lower()
    if form not in (".pdf", ".json", ".zip"):
        raise UsageFault("usage.seal-option", f"{chosen.target.name}: end it in pdf, json or zip")
    with opened(chosen.site, with_rules=False) as site:
        seal = keeping(site).get(chosen.name)
        facts = json.dumps(facts_of(site.equipment, seal), ensure_ascii=False, indent=1) + "\n"
        version = _version(seal, chosen.version)
        if form == ".pdf" and version.kind is not ArtworkKind.PDF:
            detail = f"version {version.number} is no PDF but {version.kind}: export a zip"
            raise UsageFault("usage.seal-option", detail)
        files = _files(site, seal, version if chosen.version is not None else None)
    try:
        # Never over a file that is there already.
        with chosen.target.open("xb") as target:
            if form == ".pdf":
                target.write(files[f"{seal.name}-{version.number}.pdf"])
            elif form == ".json":
                target.write(facts.encode())
            else:
                _pack(zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED), seal.name, facts, files)
    except OSError as error:
        raise UsageFault("usage.no-file", f"{chosen.target}: {error.strerror}") from error
    say(f"written to {chosen.target}")
    return 0


@contextmanager
def _making(chosen: argparse.Namespace) -> Iterator[tuple[Site, SealKeeping]]:
    """Open the site after everything was refused that can be refused before artwork is made."""
    with opened(chosen.site, with_rules=False) as site:
        keeper = keeping(site)
        if chosen.new_version:
            if terms_of(chosen) or grants_of(chosen):
                detail = "a new version has the terms of the seal: use seals change, seals grant"
                raise UsageFault("usage.seal-option", detail)
            keeper.get(chosen.name)
        elif chosen.service is None:
            raise UsageFault("usage.seal-option", "say which digest service signs: --service NAME")
        else:
            keeper.check_new(chosen.name, chosen.service)
        yield site, keeper


def _register(chosen: argparse.Namespace, keeper: SealKeeping, look: SealLook) -> None:
    if chosen.new_version:
        seal = keeper.add_version(chosen.name, look)
    else:
        plain = RegisteredSeal(chosen.name, chosen.service, grants=grants_of(chosen))
        terms = {key: value for key, value in terms_of(chosen).items() if value is not None}
        seal = keeper.add(replace(plain, **terms), look)  # type: ignore[arg-type]
    size = f"{millimetres(look.width):g} × {millimetres(look.height):g} mm"
    say(f"{seal.name}, version {seal.newest.number}: {size}, from {look.source}")
    if not seal.grants:
        say(f"nobody may use it yet: sealgate seals grant {seal.name} --rule INBOX/RULE")


def _workshop(site: Site) -> SealWorkshop:
    equipment = site.equipment
    return SealWorkshop(equipment.artwork, equipment.pages)


def _opacity(share: float) -> float:
    if not 0 < share <= 1:
        raise UsageFault("usage.seal-option", f"{share} as opacity: above 0, up to 1")
    return share


def _design(file: Path) -> object:
    """Read a design; every scalar stays the text that its author wrote."""
    read, problems = read_yaml(file, file.name)
    if read is None or problems:
        raise ConfigurationFault(problems)
    return read.value


def _words(chosen: argparse.Namespace) -> dict[str, str | tuple[str, ...]]:
    words: dict[str, str | tuple[str, ...]] = {
        word: given
        for word, given in (
            ("text", chosen.text),
            ("lower", chosen.lower),
            ("serial", chosen.serial),
        )
        if given is not None
    }
    for written in chosen.word:
        word, sign, text = written.partition("=")
        if not sign:
            raise UsageFault("usage.seal-option", f"{written}: write it like line=Finance")
        words[word] = text
    return words


def _changes(chosen: argparse.Namespace) -> dict[str, object]:
    given = {
        "width": chosen.width,
        "height": chosen.height,
        "opacity": chosen.opacity,
        "multiply": chosen.multiply or None,
        "turn": chosen.turn,
        "colour": chosen.colour,
        "date_format": chosen.date_format,
        "locale": chosen.locale,
        "time_zone": chosen.time_zone,
    }
    return {name: value for name, value in given.items() if value is not None}


def _version(seal: RegisteredSeal, number: int | None) -> SealVersion:
    if number is None:
        return seal.newest
    found = next((version for version in seal.versions if version.number == number), None)
    if found is None:
        raise UsageFault("usage.unknown-seal", f"{seal.name} has no version {number}")
    return found


def _files(site: Site, seal: RegisteredSeal, only: SealVersion | None) -> dict[str, bytes]:
    """Return artwork and designs by the names that they get outside."""
    files: dict[str, bytes] = {}
    for version in (only,) if only is not None else seal.versions:
        kept = {version.artwork: f"{seal.name}-{version.number}.{version.kind}"}
        if version.design and version.design != version.artwork:
            kept[version.design] = f"{seal.name}-{version.number}-design.{ArtworkKind.DESIGN}"
        for sha256, name in kept.items():
            files[name] = site.equipment.artwork.path(sha256).read_bytes()
    return files


def _pack(archive: zipfile.ZipFile, name: str, facts: str, files: dict[str, bytes]) -> None:
    with archive:
        archive.writestr(f"{name}.json", facts)
        for file, content in files.items():
            archive.writestr(file, content)
