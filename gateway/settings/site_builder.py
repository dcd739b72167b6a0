"""From a parsed `gateway.yaml` to the site's settings, checking what models cannot."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509

from gateway.core.errors import Problem
from gateway.core.retry import RetryPolicy
from gateway.core.rules import Seal
from gateway.core.site import (
    InboxSettings,
    Limits,
    OAuthSettings,
    Secret,
    ServiceSettings,
    SiteSettings,
    TimestampSettings,
    Watching,
)
from gateway.ports import SealArtwork
from gateway.settings.models import (
    OAuthPart,
    SealPart,
    SecretReference,
    ServicePart,
    SiteFile,
    TimestampPart,
)
from gateway.settings.problems import did_you_mean
from gateway.settings.secrets import NoSecret, resolve_secret
from gateway.settings.yaml_file import YamlFile

SANDBOX_ORGANISATION = "Sealgate Sandbox"
_SMALLEST, _LARGEST = 5 * 72 / 25.4, 300 * 72 / 25.4
_FEWEST_DOTS = 100
Location = Sequence[str | int]


@dataclass(frozen=True)
class Built:
    """What could be built; only valid when no problem was noted."""

    settings: SiteSettings
    seals: tuple[Seal, ...]


class SiteBuilder:
    """Builds one site and gathers every problem on the way."""

    def __init__(self, root: Path, file: YamlFile, artwork: SealArtwork) -> None:
        self.problems: list[Problem] = []
        self._root = root
        self._file = file
        self._artwork = artwork
        self._environment: Mapping[str, str] = {}
        self._sandbox = False

    def build(self, parsed: SiteFile, environment: Mapping[str, str]) -> Built:
        """Return settings and seals; look at `problems` before using them."""
        self._environment = environment
        self._sandbox = parsed.sandbox
        settings = SiteSettings(
            root=self._root,
            name=parsed.name,
            sandbox=parsed.sandbox,
            inboxes=self._inboxes(parsed),
            outbox=self._path(parsed.outbox),
            archive=self._path(parsed.archive),
            failed=self._path(parsed.failed),
            state=self._path(parsed.state),
            rules=self._path(parsed.rules),
            services=tuple(self._service(*item) for item in parsed.services.items()),
            timestamp=self._timestamp(parsed.timestamp) if parsed.timestamp else None,
            trust_anchors=self._anchors(parsed),
            retry=RetryPolicy(parsed.retry.first, parsed.retry.longest, parsed.retry.cap),
            limits=Limits(**dict(parsed.limits)),
        )
        self._check_folders(settings)
        seals = tuple(self._seal(*item, parsed) for item in parsed.seals.items())
        return Built(settings, seals)

    def _note(
        self, location: Location, code: str, what: str, remedy: str, *, key: bool = False
    ) -> None:
        self.problems.append(self._file.problem(location, code, what, remedy, key=key))

    def _path(self, written: str) -> Path:
        return Path(os.path.normpath(self._root / Path(written).expanduser()))

    def _inboxes(self, parsed: SiteFile) -> tuple[InboxSettings, ...]:
        built = []
        for name, part in parsed.inboxes.items():
            fields = dict(part) if part is not None else {}
            path = fields.pop("path", None) or f"inbox/{name}"
            watching = Watching(fields.pop("watching", "auto"))
            built.append(InboxSettings(name, self._path(path), watching, **fields))
        return tuple(built)

    def _check_folders(self, settings: SiteSettings) -> None:
        """Refuse folders inside one another: results would be taken for new documents."""
        named: list[tuple[tuple[str, ...], str, Path]] = [
            (("inboxes", inbox.name), f"inbox {inbox.name}", inbox.path)
            for inbox in settings.inboxes
        ]
        named += [
            ((key,), key, getattr(settings, key))
            for key in ("outbox", "archive", "failed", "state", "rules")
        ]
        for index, (location, name, path) in enumerate(named):
            for _, other_name, other in named[:index]:
                if path == other or path.is_relative_to(other) or other.is_relative_to(path):
                    what = f"{name} and {other_name} are one folder, or one lies in the other."
                    remedy = "Give each a folder of its own."
                    self._note(location, "settings.wrong-value", what, remedy)

    def _service(self, name: str, part: ServicePart) -> ServiceSettings:
        here = ("services", name)
        self._check_url((*here, "url"), part.url)
        return ServiceSettings(
            name=name,
            url=part.url,
            credential=part.credential,
            oauth=self._oauth((*here, "oauth"), part.oauth) if part.oauth else None,
            pin=self._secret((*here, "pin"), part.pin),
            idempotent=part.idempotent,
            connect_timeout=part.connect_timeout,
            read_timeout=part.read_timeout,
            ca_file=self._ca_file((*here, "ca_file"), part.ca_file),
        )

    def _oauth(self, here: Location, part: OAuthPart) -> OAuthSettings:
        self._check_url((*here, "token_url"), part.token_url)
        secret = self._secret((*here, "client_secret"), part.client_secret)
        return OAuthSettings(part.token_url, part.client_id, secret or Secret("", ""), part.scope)

    def _timestamp(self, part: TimestampPart) -> TimestampSettings:
        self._check_url(("timestamp", "url"), part.url)
        return TimestampSettings(
            url=part.url,
            connect_timeout=part.connect_timeout,
            read_timeout=part.read_timeout,
            ca_file=self._ca_file(("timestamp", "ca_file"), part.ca_file),
            user=part.user,
            password=self._secret(("timestamp", "password"), part.password),
        )

    def _secret(self, here: Location, reference: SecretReference | None) -> Secret | None:
        if reference is None:
            return None
        try:
            return resolve_secret(reference, self._root, self._environment)
        except NoSecret as missing:
            self._note(here, missing.code, missing.what, missing.remedy)
            return None

    def _ca_file(self, here: Location, written: str | None) -> Path | None:
        if written is None:
            return None
        path = self._path(written)
        if not path.is_file():
            self._note(here, "settings.unreadable", f"{path} is not there.", "Check the name.")
        return path

    def _check_url(self, here: Location, url: str) -> None:
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
        except ValueError:
            self._note(here, "settings.wrong-value", "This is no address.", "Write https://….")
            return
        if parts.username or parts.password:
            what = "A login stands in the address."
            remedy = "Remove it, change it, and refer to it: {secret: NAME}."
            self._note(here, "settings.secret-in-yaml", what, remedy)
        elif parts.scheme == "sandbox":
            if not self._sandbox:
                what = "sandbox:// is the embedded evaluation service."
                remedy = "Name a real service, or set sandbox: true."
                self._note(here, "settings.sandbox", what, remedy)
        elif parts.scheme not in ("http", "https") or not host:
            self._note(here, "settings.wrong-value", f"{url} is no address.", "Write https://….")
        elif parts.scheme == "http" and not _is_loopback(host):
            what = "Logins and digests would travel unencrypted."
            self._note(here, "settings.wrong-value", what, "Write https://….")

    def _anchors(self, parsed: SiteFile) -> tuple[Path, ...]:
        paths = []
        for index, written in enumerate(parsed.trust.anchors):
            path = self._path(written)
            paths.append(path)
            made_later = self._sandbox and path.is_relative_to(self._path(parsed.state) / "sandbox")
            if not (made_later and not path.exists()):
                self._check_anchor(("trust", "anchors", index), path)
        if not paths:
            what = "No trust anchor is named: nothing could be validated."
            remedy = (
                "Name the PEM file of the authority above the signer: trust: {anchors: [FILE]}."
            )
            self._note(("trust",), "settings.missing-key", what, remedy)
        return tuple(paths)

    def _check_anchor(self, here: Location, path: Path) -> None:
        try:
            content = path.read_bytes()
            if b"-----BEGIN" in content:
                certificate = x509.load_pem_x509_certificate(content)
            else:
                certificate = x509.load_der_x509_certificate(content)
        except OSError as error:
            what = f"{path} cannot be read: {error.strerror}."
            self._note(here, "settings.unreadable", what, "Check the name.")
            return
        except ValueError:
            what, remedy = f"{path} is no certificate.", "Name a PEM or DER certificate."
            self._note(here, "settings.wrong-value", what, remedy)
            return
        owners = certificate.subject.get_attributes_for_oid(x509.NameOID.ORGANIZATION_NAME)
        if not self._sandbox and any(owner.value == SANDBOX_ORGANISATION for owner in owners):
            what = "This authority is a sandbox's, whose key anybody may have."
            remedy = "Name a real authority, or set sandbox: true."
            self._note(here, "settings.sandbox", what, remedy)

    def _seal(self, name: str, part: SealPart, parsed: SiteFile) -> Seal:
        here = ("seals", name)
        if part.service not in parsed.services:
            what = f"There is no service {part.service}."
            remedy = f"Define it under services.{did_you_mean(part.service, parsed.services)}"
            self._note((*here, "service"), "settings.unknown-name", what, remedy)
        width = self._extent((*here, "width"), part.width.points(0.0))
        sha256, height = "", width
        try:
            picture = self._artwork.keep(self._path(part.image))
        except ValueError as error:
            what = f"The picture of seal {name} cannot be used: {error}."
            remedy = "Name a PNG, best with a transparent background."
            self._note((*here, "image"), "settings.wrong-value", what, remedy)
        else:
            sha256, height = picture.sha256, width * picture.height / picture.width
            dots = picture.width / (width / 72) if width else 0
            if dots < _FEWEST_DOTS:
                what = f"At its width the picture has {dots:.0f} dots per inch."
                remedy = f"Use a larger picture: at least {_FEWEST_DOTS} dots per inch."
                self._note((*here, "image"), "settings.wrong-value", what, remedy)
        if part.height is not None:
            height = self._extent((*here, "height"), part.height.points(0.0))
        return Seal(name, sha256, width, height, part.service)

    def _extent(self, here: Location, points: float) -> float:
        if not _SMALLEST <= points <= _LARGEST:
            what = "A seal's size must be between 5 and 300 mm."
            self._note(here, "settings.wrong-value", what, "Write it in mm, such as 40mm.")
            return _SMALLEST
        return points


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
