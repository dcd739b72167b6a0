"""From a parsed `gateway.yaml` to the site's settings, checking what models cannot."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from gateway.core.notice_settings import Language
from gateway.core.retry import RetryPolicy
from gateway.core.rules import Seal
from gateway.core.schedules import Schedule
from gateway.core.secret import Secret
from gateway.core.site import Immutable, Limits, SiteSettings
from gateway.ports import SealArtwork
from gateway.settings.certificates import check_anchor
from gateway.settings.console_builder import build_console
from gateway.settings.folder_check import check_folders
from gateway.settings.inbox_builder import InboxBuilder
from gateway.settings.ledger_builder import build_ledger
from gateway.settings.log_builder import build_log_timestamp
from gateway.settings.monitoring_builder import build_monitoring
from gateway.settings.notice_builder import NoticeBuilder
from gateway.settings.parsing import Notes
from gateway.settings.people_builder import build_people
from gateway.settings.problems import Objection
from gateway.settings.push_builder import build_pushes
from gateway.settings.seal_builder import SealBuilder
from gateway.settings.service_builder import ServiceBuilder
from gateway.settings.site_models import SiteFile
from gateway.settings.time_builder import TimeBuilder
from gateway.settings.yaml_file import Location


@dataclass(frozen=True)
class DefinedNames:
    """Names that `gateway.yaml` defines, be the thing itself faulty: it may be referred to."""

    inboxes: tuple[str, ...]
    services: tuple[str, ...]
    seals: tuple[str, ...]
    timestamp: bool
    registered: tuple[str, ...] = ()
    """Seals of the registry, which rules may name, too."""

    @property
    def all_seals(self) -> tuple[str, ...]:
        """Return the seals that rules may name, wherever they are kept."""
        return (*self.seals, *self.registered)

    @classmethod
    def of(cls, value: object) -> DefinedNames:
        """Read the names from the file's value as it stands."""
        keys = value if isinstance(value, dict) else {}
        inboxes, services, seals = (
            tuple(map(str, names)) if isinstance(names, dict) else ()
            for names in map(keys.get, ("inboxes", "services", "seals"))
        )
        return cls(inboxes, services, seals, keys.get("timestamp") is not None)


@dataclass(frozen=True)
class Built:
    """What could be built; only valid when no problem was noted."""

    settings: SiteSettings
    seals: tuple[Seal, ...]


class SiteBuilder:
    """Builds one site and notes every problem on the way."""

    def __init__(self, root: Path, notes: Notes, environment: Mapping[str, str]) -> None:
        self._root = root
        self._notes = notes
        self._environment = environment
        self._sandbox = False

    def build(self, parsed: SiteFile, artwork: SealArtwork, defined: DefinedNames) -> Built:
        """Return settings and seals; look at the notes before using them."""
        self._sandbox = parsed.sandbox
        services = ServiceBuilder(
            self._root, self._notes, self._environment, self._path, sandbox=parsed.sandbox
        )
        inbox_builder = InboxBuilder(parsed, services, self._path, self._notes)
        inboxes = inbox_builder.build()
        authorities = services.timestamps(parsed.timestamp)
        settings = SiteSettings(
            root=self._root,
            name=parsed.name,
            sandbox=parsed.sandbox,
            inboxes=inboxes,
            outbox=self._path(parsed.outbox),
            archive=self._path(parsed.archive.path),
            immutable=Immutable(parsed.archive.immutable),
            retention=parsed.retention.keep if parsed.retention else None,
            purges=self._purges(parsed, inbox_builder.times),
            failed=self._path(parsed.failed),
            state=self._path(parsed.state),
            rules=self._path(parsed.rules),
            services=tuple(services.service(*item) for item in parsed.services.items()),
            timestamps=authorities,
            log_timestamp=build_log_timestamp(
                parsed.log, authorities, inbox_builder.times, self._notes
            ),
            revocation=services.revocation(parsed.revocation),
            trust_anchors=self._anchors(parsed),
            retry=self._retry(parsed),
            limits=Limits(**dict(parsed.limits)),
            passwords=self._passwords(services, parsed),
            notices=NoticeBuilder(self._root, self._notes, services, defined.inboxes).build(parsed),
            pushes=build_pushes(parsed.push, inboxes, services, self._notes),
            language=Language(parsed.language),
            monitoring=build_monitoring(parsed.monitoring, self._notes),
            console=build_console(parsed.console, services, self._environment, self._notes),
            people=build_people(parsed.people, defined.inboxes, services, self._notes),
            ledger=build_ledger(parsed.ledger, services, self._notes),
        )
        check_folders(settings, self._notes)
        seals = SealBuilder(self._notes, artwork, defined.services, self._path)
        return Built(settings, tuple(seals.build(*item) for item in parsed.seals.items()))

    def _path(self, written: str) -> Path:
        return Path(os.path.normpath(self._root / written))

    def _purges(self, parsed: SiteFile, times: TimeBuilder) -> tuple[Schedule, ...]:
        written = parsed.retention.purge if parsed.retention else ()
        return times.schedules(("retention", "purge"), written)

    def _try(self, here: Location, check: Callable[[], None]) -> None:
        try:
            check()
        except Objection as objection:
            self._notes.add(here, objection.code, objection.what, objection.remedy)

    def _retry(self, parsed: SiteFile) -> RetryPolicy:
        policy = RetryPolicy(parsed.retry.first, parsed.retry.longest, parsed.retry.cap)
        if policy.first > policy.longest:
            what = "The longest pause is shorter than the first one."
            remedy = "Let longest be at least first."
            self._notes.add(("retry", "longest"), "settings.wrong-value", what, remedy)
        return policy

    def _passwords(self, services: ServiceBuilder, parsed: SiteFile) -> tuple[Secret, ...]:
        found = (
            services.secret(("passwords", index), reference)
            for index, reference in enumerate(parsed.passwords)
        )
        return tuple(secret for secret in found if secret is not None)

    def _anchors(self, parsed: SiteFile) -> tuple[Path, ...]:
        """Return the anchors' paths; a sandbox's own are made when it starts."""
        paths = tuple(map(self._path, parsed.trust.anchors))
        made_later = self._path(parsed.state) / "sandbox"
        for index, path in enumerate(paths):
            if self._sandbox and path.is_relative_to(made_later) and not path.exists():
                continue
            here = ("trust", "anchors", index)
            self._try(here, partial(check_anchor, path, sandbox=self._sandbox))
        if not paths:
            what = "No trust anchor is named: nothing could be validated."
            remedy = "Name the file of the authority above the signer: trust: {anchors: [FILE]}."
            self._notes.add(("trust", "anchors"), "settings.missing-key", what, remedy)
        return paths
