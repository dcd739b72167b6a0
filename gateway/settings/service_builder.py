"""From the parsed `services:` and `timestamp:` of `gateway.yaml` to their settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from gateway.core.secret import Secret
from gateway.core.services import (
    Counted,
    CscSettings,
    Family,
    HttpAccess,
    LocalSettings,
    LoginSettings,
    OAuthSettings,
    Pkcs11Settings,
    QuotaSettings,
    RevocationSettings,
    ServiceSettings,
    TimestampSettings,
)
from gateway.settings.addresses import check_address
from gateway.settings.certificates import check_authority
from gateway.settings.http_service_builder import SIGNATURES, DigestServiceBuilder, Shared
from gateway.settings.http_service_models import DigestCmsPart, DigestRawPart
from gateway.settings.parsing import Notes
from gateway.settings.problems import Objection
from gateway.settings.secrets import resolve_secret
from gateway.settings.service_families import ServicePart
from gateway.settings.service_models import (
    CscPart,
    HttpPart,
    LocalPart,
    LoginPart,
    OAuthPart,
    QuotaPart,
    RevocationPart,
    SecretReference,
    TimestampPart,
    TimestampPeerPart,
)
from gateway.settings.token_models import Pkcs11Part
from gateway.settings.yaml_file import Location


class ServiceBuilder:
    """Builds the services of one site and notes every problem on the way."""

    def __init__(
        self,
        root: Path,
        notes: Notes,
        environment: Mapping[str, str],
        locate: Callable[[str], Path],
        *,
        sandbox: bool,
    ) -> None:
        self._root = root
        self._notes = notes
        self._environment = environment
        self._locate = locate
        self._sandbox = sandbox
        self._csc_services: set[str] = set()

    def service(self, name: str, part: ServicePart) -> ServiceSettings:
        """Return one digest service; look at the notes before using it."""
        here: Location = ("services", name)
        if isinstance(part, CscPart):
            self._csc_services.add(name)
        return ServiceSettings(
            name=name,
            family=self._family(here, part),
            access=self.access(here, part) if isinstance(part, HttpPart) else HttpAccess(),
            idempotent=part.idempotent,
            repeats=part.repeats,
            quota=_quota(part.quota),
            calls=part.calls,
        )

    def timestamps(self, part: TimestampPart | None) -> tuple[TimestampSettings, ...]:
        """Return the time-stamp authorities in the order in which they are asked."""
        if part is None:
            return ()
        here: Location = ("timestamp",)
        others = enumerate(part.failover)
        peers = [(here, part), *(((*here, "failover", i), peer) for i, peer in others)]
        seen: set[str] = set()
        for where, peer in peers:
            if peer.name in seen:
                what = f"Another time-stamp authority is called {peer.name}, too."
                self._notes.add((*where, "name"), "settings.duplicate-name", what, "Name each.")
            seen.add(peer.name)
        return tuple(self._timestamp(where, peer) for where, peer in peers)

    def revocation(self, part: RevocationPart) -> RevocationSettings:
        """Return how revocation data are fetched."""
        access = self.access(("revocation",), part)
        return RevocationSettings(access, part.prefer == "crl", part.cache, part.watch)

    def _family(self, here: Location, part: ServicePart) -> Family:
        match part:
            case CscPart():
                return self._csc(here, part)
            case LocalPart():
                return self._local(here, part)
            case Pkcs11Part():
                return self._pkcs11(here, part)
            case DigestRawPart():
                return self._digest(here).raw(part)
            case DigestCmsPart():
                return self._digest(here).cms(part)

    def _csc(self, here: Location, part: CscPart) -> CscSettings:
        if part.extend and part.calls != 1:
            what = "A transaction is extended by one call at a time."
            self._notes.add((*here, "extend"), "settings.wrong-value", what, "Add calls: 1.")
        if part.oauth is not None and part.login is not None:
            what = "oauth and login are two ways to log in."
            self._notes.add((*here, "login"), "settings.wrong-value", what, "Leave one out.")
        self.check_address((*here, "url"), part.url)
        return CscSettings(
            url=part.url,
            credential=part.credential,
            version=int(part.version),
            oauth=self._oauth((*here, "oauth"), part.oauth) if part.oauth else None,
            login=self.login((*here, "login"), part.login) if part.login else None,
            pin=self.secret((*here, "pin"), part.pin),
            otp=self.secret((*here, "otp"), part.otp),
            signature_algorithm=SIGNATURES[part.signature],
            digest_algorithm=part.digest or "",
            asynchronous=part.asynchronous,
            extend=part.extend,
        )

    def _local(self, here: Location, part: LocalPart) -> LocalSettings:
        if not self._sandbox:
            what = "A key in a file is for evaluation only."
            remedy = "Name a real service, or set sandbox: true."
            self._notes.add((*here, "type"), "settings.sandbox", what, remedy)
        password = self.secret((*here, "password"), part.password)
        return LocalSettings(self._locate(part.file), password or Secret("", ""))

    def _digest(self, here: Location) -> DigestServiceBuilder:
        shared = Shared(
            self._notes, self._locate, self.check_address, self.secret, self._oauth, self.login
        )
        return DigestServiceBuilder(shared, here)

    def _pkcs11(self, here: Location, part: Pkcs11Part) -> Pkcs11Settings:
        if not part.key and not part.key_id:
            what, remedy = "Nothing says which key of the token signs.", "Add key: LABEL."
            self._notes.add(here, "settings.missing-key", what, remedy)
        chosen = SIGNATURES[part.algorithm.signature]
        if chosen == "ed25519" and part.algorithm.digest != "sha512":
            what, remedy = "Ed25519 goes with SHA-512 (RFC 8419).", "Write digest: sha512."
            self._notes.add((*here, "algorithm"), "settings.wrong-value", what, remedy)
        return Pkcs11Settings(
            module=self.file((*here, "module"), part.module) or Path(),
            pin=self.secret((*here, "pin"), part.pin) or Secret("", ""),
            token=part.token,
            key=part.key,
            key_id=bytes.fromhex(part.key_id),
            certificates=self.file((*here, "certificates"), part.certificates),
            signature_algorithm=chosen,
            digest_algorithm=part.algorithm.digest,
        )

    def access(self, here: Location, part: HttpPart) -> HttpAccess:
        """Return how an HTTP peer is reached; note what is wrong with it."""
        if part.proxy:
            self.check_address((*here, "proxy"), part.proxy)
        if part.client_key and not part.client_certificate:
            what, remedy = "client_key is nothing without client_certificate.", "Write both."
            self._notes.add((*here, "client_key"), "settings.missing-key", what, remedy)
        return HttpAccess(
            connect_timeout=part.connect_timeout,
            read_timeout=part.read_timeout,
            ca_file=self.authority((*here, "ca_file"), part.ca_file),
            proxy=part.proxy,
            client_certificate=self.file((*here, "client_certificate"), part.client_certificate),
            client_key=self.file((*here, "client_key"), part.client_key),
        )

    def _oauth(self, here: Location, part: OAuthPart) -> OAuthSettings:
        self.check_address((*here, "token_url"), part.token_url)
        secret = self.secret((*here, "client_secret"), part.client_secret)
        return OAuthSettings(part.token_url, part.client_id, secret or Secret("", ""), part.scope)

    def login(self, here: Location, part: LoginPart) -> LoginSettings:
        """Return a name and its password; note one that cannot be had."""
        password = self.secret((*here, "password"), part.password)
        return LoginSettings(part.user, password or Secret("", ""))

    def _timestamp(self, here: Location, part: TimestampPeerPart) -> TimestampSettings:
        if part.url:
            self.check_address((*here, "url"), part.url)
        elif part.service not in self._csc_services:
            what = f"There is no csc service {part.service}."
            self._notes.add((*here, "service"), "settings.unknown-name", what, "Name one of them.")
        for key, present, other in (
            ("user", bool(part.user), part.password is not None),
            ("password", part.password is not None, bool(part.user)),
        ):
            if present and not other:
                what, remedy = "user and password belong together.", "Write both, or neither."
                self._notes.add((*here, key), "settings.missing-key", what, remedy)
        password = self.secret((*here, "password"), part.password)
        return TimestampSettings(
            url=part.url,
            name=part.name,
            service=part.service,
            access=self.access(here, part),
            login=LoginSettings(part.user, password) if part.user and password else None,
            quota=_quota(part.quota),
        )

    def check_address(self, here: Location, address: str) -> None:
        """Note an address that cannot be right."""
        self._try(here, partial(check_address, address, sandbox=self._sandbox))

    def secret(self, here: Location, reference: SecretReference | None) -> Secret | None:
        """Return a secret, or None when there is none; note one that cannot be had."""
        if reference is None:
            return None
        try:
            return resolve_secret(reference, self._root, self._environment)
        except Objection as missing:
            self._notes.add(here, missing.code, missing.what, missing.remedy)
            return None

    def file(self, here: Location, written: str | None) -> Path | None:
        """Return a file's path; note one that is not there."""
        if written is None:
            return None
        path = self._locate(written)
        if not path.is_file():
            what = f"There is no file {path}."
            self._notes.add(here, "settings.unreadable", what, "Check the name.")
        return path

    def authority(self, here: Location, written: str | None) -> Path | None:
        """Return the path of a private authority; note one that is none."""
        if written is None:
            return None
        path = self._locate(written)
        self._try(here, partial(check_authority, path))
        return path

    def _try(self, here: Location, check: Callable[[], None]) -> None:
        try:
            check()
        except Objection as objection:
            self._notes.add(here, objection.code, objection.what, objection.remedy)


def _quota(part: QuotaPart | None) -> QuotaSettings | None:
    if part is None:
        return None
    return QuotaSettings(Counted(part.counts), tuple(sorted(part.alarm_at, reverse=True)))
