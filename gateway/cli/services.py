"""`sealgate services list` and `test`: who signs and stamps, and whether they do."""

from __future__ import annotations

import argparse
import hashlib
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

from cryptography import x509

from gateway.cli.output import Cell, complain, show
from gateway.cli.site import checked, opened
from gateway.core.errors import SealgateError, ServiceFault, UsageFault
from gateway.core.services import (
    CscSettings,
    DigestCmsSettings,
    DigestRawSettings,
    Family,
    LocalSettings,
    Pkcs11Settings,
    ServiceSettings,
)
from gateway.pipeline.charging import charged
from gateway.pipeline.desk import price_of
from gateway.ports import Authorization, Credential, DigestService, Outcome, Quotas
from gateway.wiring import Site


def services_list(chosen: argparse.Namespace) -> int:
    """List the configured services without contacting any."""
    settings = checked(chosen.site).settings
    rows: list[tuple[Cell, ...]] = [
        (service.name, *_described(service.family), _counted(service))
        for service in settings.services
    ]
    for stamp in settings.timestamps:
        counted = "time-stamp" if stamp.quota is not None else ""
        rows.append((stamp.name, "rfc3161", stamp.url, "", counted))
    columns = ("name", "family", "url", "credential", "quota counts")
    show("Services", columns, rows, as_json=chosen.json)
    return 0


def _described(family: Family) -> tuple[Cell, ...]:
    match family:
        case CscSettings():
            return "csc", family.url, family.credential or "(the only one)"
        case LocalSettings():
            return "local", str(family.file), ""
        case Pkcs11Settings():
            return "pkcs11", family.token or family.module.name, family.key or family.key_id.hex()
        case DigestRawSettings():
            return "digest-raw", family.call.url, family.call.certificates.name
        case DigestCmsSettings():
            return "digest-cms", family.call.url, family.call.certificates.name


def _counted(service: ServiceSettings) -> str:
    return service.quota.counts.value if service.quota is not None else ""


def services_test(chosen: argparse.Namespace) -> int:
    """Sign a random digest with each service, step by step; exit 1 when a step fails."""
    rows: list[tuple[Cell, ...]] = []
    with opened(chosen.site, serving=True, with_rules=False) as site:
        stamps = {stamp.name for stamp in site.loaded.settings.timestamps}
        if chosen.name is not None and chosen.name not in {*site.equipment.services, *stamps}:
            raise UsageFault("usage.unknown-service", chosen.name)
        for settings in site.loaded.settings.services:
            if chosen.name in (None, settings.name):
                service = site.equipment.services[settings.name]
                rows += _Test(service, settings, site.equipment.quotas).rows()
        rows += _test_timestamps(site, chosen.name)
    columns = ("service", "step", "result", "milliseconds", "detail")
    show("Service test", columns, rows, as_json=chosen.json)
    failed = sum(row[2] != "ok" for row in rows)
    if failed and not chosen.json:
        complain(f"{failed} of {len(rows)} steps failed")
    return 1 if failed or not rows else 0


class _Test:
    """The steps of one service, each only when those before it went well."""

    def __init__(self, service: DigestService, settings: ServiceSettings, quotas: Quotas) -> None:
        self._service = service
        self._price = replace(price_of(settings), repeats=None)
        self._quotas = quotas
        self._rows: list[tuple[Cell, ...]] = []
        self._credential: Credential | None = None
        self._authorization: Authorization | None = None

    def rows(self) -> list[tuple[Cell, ...]]:
        """Carry the steps out and return a row for each."""
        steps = (
            ("credential", self._describe),
            ("authorize", self._authorize),
            ("sign", self._sign),
        )
        for name, work in steps:
            self._rows.append(_step(self._service.name, name, work))
            if self._rows[-1][2] != "ok":
                break
            if name == "credential" and self._credential is not None:
                self._rows += _certificates(self._service.name, self._credential)
        return self._rows

    def _describe(self) -> str:
        self._credential = credential = self._service.credential()
        return (
            f"{credential.id}: {credential.signature_algorithm} with "
            f"{credential.digest_algorithm}, up to {credential.batch} digests a call"
        )

    def _authorize(self) -> str:
        assert self._credential is not None  # noqa: S101  # the step before went well
        name = self._credential.digest_algorithm
        digest = hashlib.new(name, secrets.token_bytes(32)).digest()
        self._authorization = self._service.authorize((digest,))
        return "SAD" if self._authorization.token else "not needed"

    def _sign(self) -> str:
        """Sign, and charge it: a test costs what a document costs."""
        assert self._authorization is not None  # noqa: S101  # the step before went well
        (digest,) = self._authorization.digests
        with charged(self._quotas, self._price, "", digest):
            (outcome,) = self._service.sign(self._authorization)
            signature = _made(outcome)
        return f"{len(signature)} bytes, checked against digest and certificate"


def _made(outcome: Outcome) -> bytes:
    if isinstance(outcome, ServiceFault):
        raise outcome
    return outcome


def _test_timestamps(site: Site, name: str | None) -> Iterable[tuple[Cell, ...]]:
    for timestamper in site.equipment.authorities.timestampers:
        if name in (None, timestamper.name):
            yield _step(timestamper.name, "time-stamp", partial(_stamp, site, timestamper.name))


def _stamp(site: Site, name: str) -> str:
    token = site.equipment.authorities.ask(name, "", secrets.token_bytes(32))
    return f"a token of {len(token)} bytes, checked against the request"


def _step(service: str, step: str, work: Callable[[], str]) -> tuple[Cell, ...]:
    began = time.monotonic()
    try:
        detail, result = work(), "ok"
    except SealgateError as error:
        detail, result = f"{error.sentence} {error.remedy}", error.code
    return service, step, result, round((time.monotonic() - began) * 1000), detail


def _certificates(service: str, credential: Credential) -> Iterable[tuple[Cell, ...]]:
    """Show the chain, a certificate a row, the signer first."""
    for number, der in enumerate(credential.chain):
        certificate = x509.load_der_x509_certificate(der)
        days = f"{certificate.not_valid_before_utc:%Y-%m-%d} to "
        days += f"{certificate.not_valid_after_utc:%Y-%m-%d}"
        name = certificate.subject.rfc4514_string()
        yield service, f"certificate {number + 1}", "ok", None, f"{name}, valid {days}"
