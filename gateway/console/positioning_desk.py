"""The positioning page's questions, each answered by the pipeline."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from gateway.console.positioning_answers import (
    Json,
    effects_value,
    fault_value,
    hit_value,
    shown_value,
)
from gateway.console.positioning_requests import (
    DraftAsked,
    DragAsked,
    EffectPictureAsked,
    EffectsAsked,
    HandAsked,
    HitsAsked,
    ProofAsked,
    RuleAsked,
    SamplesAsked,
    SaveAsked,
    ShowAsked,
    TakeAsked,
    UndoAsked,
)
from gateway.core.errors import AccessFault, SiteFault, UsageFault
from gateway.core.facts import TextQuery
from gateway.core.four_eyes import KeeperRequest, RequestFiled
from gateway.core.job import Job
from gateway.core.names import display
from gateway.core.people import Permission, Person, may
from gateway.core.states import State
from gateway.pipeline.hand_placing import HandPlacing, Wish
from gateway.pipeline.positioning import Positioning, Shown
from gateway.pipeline.rule_effects import effects
from gateway.pipeline.rule_keeping import Draft
from gateway.pipeline.stories import find_job
from gateway.ports import ArchivedFile, Kept, RuleChange, Whence
from gateway.settings.rule_editing import RuleEdit, difference

_LISTED = 50
"""Files of each kind that are offered as samples."""
_EFFECT_DOCUMENTS = 500
_EFFECT_SECONDS = 1.5
"""Of one part: so the page shows how far it is."""


class PositioningDesk:
    """Answers what the page asks; who may ask is checked before, who sees documents here."""

    def __init__(self, positioning: Positioning, by_hand: HandPlacing) -> None:
        self._positioning = positioning
        self._by_hand = by_hand
        self._keeping = positioning.keeping
        self._equipment = positioning.equipment

    def rules(self) -> list[Json]:
        """List the rules as they are written."""
        return [
            {"file": file, "rule": rule.name, "inbox": rule.inbox}
            for file, rule in self._keeping.rules()
        ]

    def rule(self, asked: RuleAsked) -> Json:
        """Tell one rule as it is written, and what its draft has to know."""
        draft = self._keeping.draft(asked.file, asked.rule, RuleEdit())
        rule = next(one for one in draft.site.rulebook.rules if one.name == asked.rule)
        return {
            "known": draft.known,
            "places": draft.written.places,
            "inbox": rule.inbox,
            "seal": rule.seal,
            "own_place": rule.tickets is not None and rule.tickets.own_place,
            "seals": [seal.name for seal in draft.site.rulebook.seals],
        }

    def show(self, asked: ShowAsked) -> Json:
        """Tell where a draft's seals are on a sample."""
        return shown_value(self._shown(asked))

    def drag(self, asked: DragAsked) -> Json:
        """Tell the same, after a mark was put somewhere else."""
        shown = self._shown(asked)
        places = self._positioning.drag(shown, asked.mark, asked.page, asked.box, asked.size)
        return self.show(ShowAsked.model_validate(_shared(asked) | {"places": places}))

    def proof(self, asked: ProofAsked) -> bytes:
        """Draw a page with its seals, as it will be."""
        shown = self._shown(asked)
        return self._positioning.sealed_page(asked.sample, shown, asked.page, asked.longest)

    def hits(self, asked: HitsAsked) -> Json:
        """List where words are in a sample."""
        query = TextQuery(asked.words, expression=asked.expression)
        found = self._positioning.hits(asked.sample, query)
        return {"hits": [hit_value(number, hit) for number, hit in enumerate(found, 1)]}

    def page(self, sample: str, page: int, longest: int) -> bytes:
        """Draw a page of a sample."""
        return self._positioning.page(sample, page, longest)

    def seal(self, file: str, rule: str, name: str, longest: int) -> bytes:
        """Draw a seal."""
        draft = self._keeping.draft(file, rule, RuleEdit())
        return self._positioning.seal_picture(draft, name, longest)

    def upload(self, content: bytes) -> Json:
        """Keep an uploaded document as a sample."""
        return {"id": self._positioning.samples.keep(content).id}

    def samples(self, asked: SamplesAsked, person: Person) -> Json:
        """List files of the site that could be samples; nothing to who may not see documents."""
        if not may(person, Permission.SEE_DOCUMENTS):
            return {"groups": []}
        try:
            inbox = self._equipment.inboxes.get(asked.inbox)
            waiting = inbox.examine()[0] if inbox is not None else ()
        except SiteFault:
            waiting = ()  # a folder that is away keeps nobody from using other samples
        files = {
            Whence.INBOX: _offered((one.source, "") for one in waiting),
            Whence.ARCHIVE: self._jobs(State.ARCHIVED, asked.inbox),
            Whence.FAILED: self._jobs(State.FAILED, asked.inbox),
        }
        return {"groups": [{"whence": str(one), "files": found} for one, found in files.items()]}

    def take(self, asked: TakeAsked, person: Person) -> Json:
        """Keep a file of the site as a sample."""
        if not may(person, Permission.SEE_DOCUMENTS):
            raise UsageFault("usage.no-file", display(asked.source))
        samples = self._positioning.samples
        if asked.whence == Whence.INBOX:
            sample = samples.from_inbox(asked.inbox, asked.source)
            return {"id": sample.id, "source": asked.source}
        job = find_job(self._equipment, asked.job)
        if asked.whence == Whence.FAILED:
            return {"id": samples.from_failed(Path(job.returned)).id, "source": job.source}
        original = self._original(job)
        with self._equipment.archived.opened(original) as descriptor:
            return {"id": samples.keep(descriptor).id, "source": job.source}

    def save(self, asked: SaveAsked, actor: str) -> Json:
        """Write a draft, or ask another keeper for it."""
        try:
            saved = self._keeping.save(self._draft(asked), actor, asked.reason)
        except RequestFiled as filed:
            return {"number": 0, "request": filed.request.number}
        return {"number": saved.number if saved is not None else 0}

    def waiting(self, asked: SamplesAsked, person: Person) -> Json:
        """List the documents of an inbox whose seals can be placed by hand."""
        _check_worker(person)
        found = _offered((source, "") for source in self._by_hand.waiting(asked.inbox))
        return {"files": [one["source"] for one in found]}

    def place(self, asked: HandAsked, person: Person, actor: str) -> Json:
        """Lay tickets with the draft's places beside documents that wait."""
        _check_worker(person)
        rulebook = self._keeping.load({}).rulebook
        wish = Wish(rulebook, asked.rule, asked.inbox, asked.places, actor)
        done = self._by_hand.place(wish, asked.sources)
        return {
            "done": [
                {
                    "source": one.source,
                    "ticket": one.ticket,
                    "fault": fault_value(one.fault) if one.fault is not None else None,
                }
                for one in done
            ]
        }

    def undo(self, asked: UndoAsked, actor: str) -> Json:
        """Take a change back, or ask another keeper for it."""
        try:
            return {"number": self._keeping.undo(asked.number, actor, asked.reason).number}
        except RequestFiled as filed:
            return {"number": 0, "request": filed.request.number}

    def requests(self) -> tuple[KeeperRequest, ...]:
        """Return the changes that wait for another keeper."""
        return self._keeping.requests()

    def decide(self, number: int, actor: str, why: str, *, confirmed: bool) -> None:
        """Write what another keeper has asked for, or refuse it."""
        if confirmed:
            self._keeping.confirm(number, actor)
        else:
            self._keeping.refuse(number, actor, why)

    def changes(self) -> tuple[RuleChange, ...]:
        """Return the newest changes of rules."""
        self._keeping.settle()
        return self._keeping.changes.all()[:_LISTED]

    def difference(self, change: RuleChange) -> str:
        """Return what a change changed, as a unified diff."""
        before, after = (
            self._keeping.changes.content(one) for one in (change.before, change.after)
        )
        return difference(f"rules/{change.file}", before, after)

    def effects(self, asked: EffectsAsked) -> Json:
        """Tell what a draft would change in a part of the archive."""
        draft = self._draft(asked)
        rule = next(one for one in draft.site.rulebook.rules if one.name == asked.rule)
        found = effects(
            self._equipment,
            self._keeping.load({}).rulebook,
            draft.site.rulebook,
            rule.inbox,
            after=asked.after,
            most=_EFFECT_DOCUMENTS,
            seconds=_EFFECT_SECONDS,
        )
        return effects_value(found)

    def effect_picture(self, asked: EffectPictureAsked, person: Person) -> bytes:
        """Draw the signature's page of an archived document, with the draft's seals."""
        if not may(person, Permission.SEE_DOCUMENTS):
            raise UsageFault("usage.unknown-job", asked.job)
        job = find_job(self._equipment, asked.job)
        with self._equipment.archived.opened(self._original(job)) as descriptor:
            sample = self._positioning.samples.keep(descriptor).id
        shown = self._positioning.show(sample, job.source, self._draft(asked), matched=True)
        page = shown.plan.mark.page if shown.plan is not None else 0
        return self._positioning.sealed_page(sample, shown, page, 900)

    def _draft(self, asked: DraftAsked) -> Draft:
        return self._keeping.draft(asked.file, asked.rule, asked.edit, asked.known)

    def _shown(self, asked: ShowAsked) -> Shown:
        return self._positioning.show(asked.sample, asked.source, self._draft(asked))

    def _jobs(self, state: State, inbox: str) -> list[Json]:
        found = self._equipment.jobs.find((state,), limit=_LISTED * 4, newest_first=True)
        return _offered((job.source, job.id) for job in found if job.inbox == inbox)

    def _original(self, job: Job) -> ArchivedFile:
        files = self._equipment.archived.files(job)
        for file in files:
            if file.what is Kept.ORIGINAL:
                return file
        raise UsageFault("usage.no-file", job.id)


def may_place(person: Person) -> bool:
    """Tell whether somebody may place seals on documents that wait."""
    return any(may(person, one) for one in (Permission.WORK_DOCUMENTS, Permission.EDIT_RULES))


def _check_worker(person: Person) -> None:
    if not may_place(person):
        raise AccessFault("access.forbidden", person.login)


def _offered(files: Iterable[tuple[str, str]]) -> list[Json]:
    """List files with their jobs; a name that is no text cannot be asked for by a browser."""
    written = ((source, job) for source, job in files if source == display(source))
    return [{"source": source, "job": job} for source, job in islice(written, _LISTED)]


def _shared(asked: DragAsked) -> dict[str, object]:
    return asked.model_dump(include=set(ShowAsked.model_fields))
