"""Seals: the gallery, one seal with its grants and uses, and what keepers do."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path

from starlette.responses import Response

from gateway.console.contracts import definitions_of
from gateway.console.routing import Routes
from gateway.console.visit import Visit, whole_number
from gateway.core.errors import UsageFault
from gateway.core.people import Permission
from gateway.core.registry import GrantKind, RegisteredSeal
from gateway.core.seal_use import day_of
from gateway.pipeline.four_eyes import SEAL
from gateway.pipeline.seal_keeping import SealKeeping, Term, grant_of
from gateway.pipeline.seal_looks import SealLook, SealWorkshop, points
from gateway.pipeline.seal_pictures import design_picture, version_picture
from gateway.ports import Wish
from gateway.wiring import seal_keeping

routes = Routes()
_SEE, _KEEP = Permission.SEE_SEALS, Permission.KEEP_SEALS
_USES = 50
_ARTWORK_BYTES = 20 * 1024 * 1024


@routes.get("/seals", _SEE)
def gallery(visit: Visit) -> Response:
    """Show every registered seal."""
    equipment = visit.site.equipment
    today = day_of(equipment.clock.now())
    seals = [
        (seal, equipment.seal_uses.counted(seal.name, today)) for seal in equipment.seals.all()
    ]
    requests = visit.site.four_eyes.requests.all() if visit.may(_KEEP) else ()
    return visit.page(
        "seals/gallery.html",
        seals=seals,
        requests=[one for one in requests if one.kind == SEAL],
        others=[one for one in requests if one.kind != SEAL],
    )


@routes.get("/seals/new", _KEEP)
def new(visit: Visit) -> Response:
    """Ask what a new seal is to look like."""
    return visit.page(
        "seals/new.html",
        templates=visit.site.equipment.designs().ready_templates(),
        services=[one.name for one in visit.site.loaded.settings.services],
    )


@routes.post("/seals/preview", _KEEP)
def preview(visit: Visit) -> Response:
    """Draw what the form describes; nothing is kept."""
    equipment = visit.site.equipment
    png = design_picture(equipment, visit.site.documents, _design(visit))
    return Response(png, media_type="image/png")


@routes.post("/seals/draw", _KEEP)
def draw(visit: Visit) -> Response:
    """Register a seal that is drawn from a ready design."""
    keeping, equipment = keeping_of(visit), visit.site.equipment
    plain = _described(visit)
    keeping.check_new(plain.name, plain.service)
    look = SealWorkshop(equipment.artwork, equipment.pages).drawn(
        equipment.artist(),
        equipment.designs(),
        _design(visit),
        f"template {visit.field('template')}",
        equipment.clock.now(),
    )
    return _registered(visit, keeping, plain, look)


@routes.post("/seals/import", _KEEP, largest=_ARTWORK_BYTES)
def import_artwork(visit: Visit) -> Response:
    """Register a seal from a picture or a PDF; it is read in a child process."""
    keeping, equipment = keeping_of(visit), visit.site.equipment
    plain, files = _described(visit), visit.files("file")
    keeping.check_new(plain.name, plain.service)
    if not files:
        raise UsageFault("usage.no-file", "")
    ending = Path(files[0].filename or "").suffix.lower()
    if ending not in (".png", ".jpg", ".jpeg", ".svg", ".pdf"):
        raise UsageFault("usage.seal-option", "PNG, JPEG, SVG or PDF")
    whiteness = "transparent" if visit.field("white") == "transparent" else "keep"
    wish = Wish(points("width", visit.field("width")), whiteness=whiteness)  # type: ignore[arg-type]
    with tempfile.TemporaryDirectory(prefix="sealgate-artwork-") as folder:
        path = Path(folder) / f"artwork{ending}"
        path.write_bytes(files[0].file.read())
        look = SealWorkshop(equipment.artwork, equipment.pages).imported(path, wish)
    return _registered(visit, keeping, plain, look)


@routes.get("/seals/{name}", _SEE)
def seal(visit: Visit) -> Response:
    """Show everything about one seal."""
    equipment, found = visit.site.equipment, keeping_of(visit).get(visit.path("name"))
    today = day_of(equipment.clock.now())
    rules = visit.site.equipment.rulebook().rules
    steps = [
        f"{flow.name}/{rule.name}" for flow in definitions_of(visit.site) for rule in flow.sealings
    ]
    return visit.page(
        "seals/seal.html",
        seal=found,
        counted=equipment.seal_uses.counted(found.name, today),
        uses=equipment.seal_uses.uses(seal=found.name, limit=_USES),
        kinds=list(GrantKind),
        rules=[*(f"{rule.inbox}/{rule.name}" for rule in rules), *steps],
    )


@routes.get("/seals/{name}/versions/{number}.png", _SEE)
def picture(visit: Visit) -> Response:
    """Return what a version of a seal looks like."""
    found = keeping_of(visit).get(visit.path("name"))
    for version in found.versions:
        if str(version.number) == visit.path("number"):
            png = version_picture(visit.site.equipment, visit.site.documents, version)
            kept = {"Cache-Control": "private, max-age=3600"}
            return Response(png, media_type="image/png", headers=kept)
    raise UsageFault("usage.unknown-seal", found.name)


@routes.post("/seals/{name}/grants", _KEEP)
def grants(visit: Visit) -> Response:
    """Allow more, or less."""
    keeping, name = keeping_of(visit), visit.path("name")
    chosen = grant_of(_kind(visit.field("kind")), visit.field("pattern").strip())
    change = keeping.remove if visit.field("remove") else keeping.grant
    change(name, (chosen,))
    return visit.go(f"/seals/{name}", said="saved")


@routes.post("/seals/{name}/terms", _KEEP)
def terms(visit: Visit) -> Response:
    """Change validity, limits, and who answers for it."""
    name = visit.path("name")
    changed: dict[str, Term] = {
        "owner": visit.field("owner").strip(),
        "keeper": visit.field("keeper").strip(),
        "valid_from": _day(visit.field("valid_from")),
        "valid_until": _day(visit.field("valid_until")),
        "per_day": _number(visit.field("per_day")),
        "per_month": _number(visit.field("per_month")),
        "approval": visit.field("approval") == "yes",
        "fixed_size": visit.field("fixed_size") == "yes",
    }
    keeping_of(visit).change(name, changed)
    return visit.go(f"/seals/{name}", said="saved")


@routes.post("/seals/{name}/standing", _KEEP)
def standing(visit: Visit) -> Response:
    """Retire, restore or revoke a seal."""
    keeping, name, why = keeping_of(visit), visit.path("name"), visit.field("why").strip()
    acts = {"retire": keeping.retire, "restore": keeping.restore, "revoke": keeping.revoke}
    act = acts.get(visit.field("act"))
    if act is None or (act == keeping.revoke and not why):
        raise UsageFault("usage.seal-option", "say what is to be done, and why")
    act(name, why)
    return visit.go(f"/seals/{name}", said="saved")


@routes.post("/requests/{number}", _KEEP)
def decide(visit: Visit) -> Response:
    """Confirm or refuse what another keeper has asked for."""
    number, four_eyes = _number(visit.path("number")) or 0, visit.site.four_eyes
    if visit.field("decision") == "confirm":
        four_eyes.confirm(number, visit.actor)
        return visit.go("/seals", said="confirmed")
    four_eyes.refuse(number, visit.actor, visit.field("why").strip())
    return visit.go("/seals", said="refused")


def keeping_of(visit: Visit) -> SealKeeping:
    """Return what changes seals on behalf of the visitor."""
    return seal_keeping(visit.site, visit.actor)


def _registered(
    visit: Visit, keeping: SealKeeping, plain: RegisteredSeal, look: SealLook
) -> Response:
    keeping.add(plain, look)
    return visit.go(f"/seals/{plain.name}", said="saved")


def _described(visit: Visit) -> RegisteredSeal:
    return RegisteredSeal(
        visit.field("name").strip(), visit.field("service"), owner=visit.field("owner").strip()
    )


def _design(visit: Visit) -> bytes:
    """Return the design that the form describes; raises `UsageFault` (`usage.seal-option`)."""
    words: dict[str, str | tuple[str, ...]] = {
        key.removeprefix("word-"): str(value)
        for key, value in visit.form.items()
        if key.startswith("word-") and str(value).strip()
    }
    changes: dict[str, object] = {
        key: visit.field(key).strip() for key in ("width", "colour") if visit.field(key).strip()
    }
    try:
        return visit.site.equipment.designs().design_from_options(
            template=visit.field("template"), words=words, changes=changes
        )
    except ValueError as error:
        raise UsageFault("usage.seal-option", str(error)) from error


def _kind(text: str) -> GrantKind:
    if text not in tuple(GrantKind):
        raise UsageFault("usage.seal-option", text[:40])
    return GrantKind(text)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageFault("usage.wrong-time", text[:40]) from None


def _number(text: str) -> int | None:
    number = whole_number(text)
    if text and (number is None or number >= 10**9):
        raise UsageFault("usage.wrong-number", text[:40])
    return number
