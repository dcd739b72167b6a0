"""Each implementation of `ports.DigestService` with its own set-up, for the contract.

What a service beyond our reach would do is done by a fake that follows its published API and
refuses what that refuses; the configuration is the very recipe of the documentation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from gateway.core.secret import Secret
from gateway.core.services import CscSettings, LocalSettings, LoginSettings, ServiceSettings
from gateway.ports import DigestService
from gateway.services.csc import CscService
from gateway.services.local import LocalService
from gateway.services.pkcs11 import Pkcs11Service
from gateway.wiring import SystemClock, open_site
from tests.fakes import azure_key_vault, softhsm, vault_transit
from tests.fakes.aws_kms import aws_kms
from tests.fakes.azure_key_vault import AzureKeyVault
from tests.fakes.csc_v1 import csc_v1
from tests.fakes.esign import SHARED_KEY, ESign, hmac_refusal
from tests.fakes.google_kms import GoogleKms
from tests.fakes.serving import Handler, serving
from tests.fakes.signer import TestSigner
from tests.fakes.signserver import SignServer
from tests.fakes.vault_transit import VaultTransit
from tests.pipeline.site import FileSite
from tests.services.conftest import Sandbox

AWS_SECRETS = ("aws-access-key-id", "aws-secret-access-key")
RECIPES = Path(__file__).parent.parent.parent / "docs" / "recipes"


@dataclass(frozen=True)
class Implementation:
    """One implementation, ready to be used, and what of the contract it can show."""

    service: DigestService
    secrets: tuple[str, ...] = ()
    charged: Callable[[], int] | None = None
    """Returns how many signatures were charged, where the service counts them."""


SetUp = Callable[[Sandbox, Path], Iterator[Implementation]]


def _csc(credential: str) -> SetUp:
    def set_up(sandbox: Sandbox, folder: Path) -> Iterator[Implementation]:
        secrets = tuple((sandbox.folder / name).read_text() for name in ("pin", "client-secret"))
        service = sandbox.service(credential)
        yield Implementation(service, secrets, lambda: sandbox.usage()["charged"])

    return set_up


def _csc_v1(kind: str) -> SetUp:
    def set_up(sandbox: Sandbox, folder: Path) -> Iterator[Implementation]:
        key = ec.generate_private_key(ec.SECP256R1()) if kind == "ec" else None
        with csc_v1(folder, {"seal": TestSigner.make(key)}) as address:
            family = CscSettings(address, "test/seal", version=1)
            if kind == "pss":
                family = replace(family, signature_algorithm="rsassa_pss")
            settings = ServiceSettings("old", family)
            service = CscService(settings, family, SystemClock(), sandbox_allowed=False)
            yield Implementation(service)

    return set_up


def _csc_by(**changes: object) -> SetUp:
    def set_up(sandbox: Sandbox, folder: Path) -> Iterator[Implementation]:
        made = sandbox.service("sandbox-seal", **changes)
        secrets = tuple((sandbox.folder / name).read_text() for name in ("pin", "client-secret"))
        yield Implementation(made, secrets, lambda: sandbox.usage()["charged"])

    return set_up


def _csc_by_password(sandbox: Sandbox, folder: Path) -> Iterator[Implementation]:
    secret = (sandbox.folder / "client-secret").read_text()
    login = LoginSettings("sealgate", Secret("login", secret))
    yield Implementation(sandbox.service("sandbox-seal", oauth=None, login=login), (secret,))


def _local(sandbox: Sandbox, folder: Path) -> Iterator[Implementation]:
    signer, path = TestSigner.make(), folder / "key.p12"
    password = "a-password-of-this-test"
    path.write_bytes(
        serialization.pkcs12.serialize_key_and_certificates(
            b"seal",
            signer.key,
            signer.certificate,
            [signer.authority.certificate],
            serialization.BestAvailableEncryption(password.encode()),
        )
    )
    family = LocalSettings(path, Secret("password", password))
    yield Implementation(LocalService(ServiceSettings("local", family), family), (password,))


@contextmanager
def by_recipe(
    name: str,
    address: str,
    signer: TestSigner,
    folder: Path,
    secrets: Mapping[str, str],
    changes: Mapping[str, str] | None = None,
) -> Iterator[DigestService]:
    """Build the service of a recipe, with only its addresses turned to a server on loopback."""
    site = FileSite(folder / name, signer)
    for secret, value in secrets.items():
        site.secret(secret, value)
    text = on_loopback((RECIPES / f"{name}.yaml").read_text(), address)
    for before, after in (changes or {}).items():
        assert before in text, before
        text = text.replace(before, after)
    site.configure(text.partition("services:\n")[2])
    opened = open_site(site.root)
    try:
        yield opened.equipment.services["signing"]
    finally:
        opened.close()


@contextmanager
def _with_fake(
    name: str,
    fake: Handler,
    signer: TestSigner,
    folder: Path,
    secrets: Mapping[str, str],
    changes: Mapping[str, str] | None = None,
) -> Iterator[Implementation]:
    with (
        serving(fake) as address,
        by_recipe(name, address, signer, folder, secrets, changes) as service,
    ):
        yield Implementation(service, tuple(secrets.values()))


def on_loopback(recipe: str, address: str) -> str:
    """Turn the addresses of a recipe to another host, and leave out the files of its TLS."""
    lines = [
        line
        for line in recipe.splitlines()
        if not re.match(r"\s+(ca_file|client_certificate|client_key)", line)
    ]
    return re.sub(r"((?:^| )(?:token_)?url: )https://[^/\s]+", rf"\1{address}", "\n".join(lines))


def _vault(kind: str) -> SetUp:
    def set_up(sandbox: Sandbox, folder: Path) -> Iterator[Implementation]:
        key = ec.generate_private_key(ec.SECP256R1()) if kind == "ec" else None
        signer = TestSigner.make(key)
        scheme = ', "signature_algorithm": "pkcs1v15"'
        changes = {
            "rsa": {},
            "ec": {scheme: ""},
            "pss": {
                scheme: ', "signature_algorithm": "pss", "salt_length": "hash"',
                "certificates:": "algorithm: {signature: rsa-pss}\n    certificates:",
            },
        }[kind]
        secrets = {"vault-token": vault_transit.TOKEN}
        fake = VaultTransit(signer)
        with _with_fake("vault-transit", fake, signer, folder, secrets, changes) as made:
            yield made

    return set_up


def _azure(kind: str) -> SetUp:
    def set_up(sandbox: Sandbox, folder: Path) -> Iterator[Implementation]:
        key = ec.generate_private_key(ec.SECP256R1()) if kind == "ec" else None
        signer = TestSigner.make(key)
        changes = {"RS256": "ES256"} if kind == "ec" else {}
        secrets = {"azure-client-secret": azure_key_vault.SECRET}
        fake = AzureKeyVault(signer)
        with _with_fake("azure-key-vault", fake, signer, folder, secrets, changes) as made:
            yield made

    return set_up


def _google(sandbox: Sandbox, folder: Path) -> Iterator[Implementation]:
    signer, account = TestSigner.make(), rsa.generate_private_key(65537, 2048)
    pem = account.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    fake = GoogleKms(signer, account)
    with _with_fake("google-kms", fake, signer, folder, {"google-private-key": pem}) as made:
        yield made


def _signserver(sandbox: Sandbox, folder: Path) -> Iterator[Implementation]:
    signer = TestSigner.make()
    with _with_fake("signserver", SignServer(signer), signer, folder, {}) as made:
        yield made


def _aws(kind: str) -> SetUp:
    def set_up(sandbox: Sandbox, folder: Path) -> Iterator[Implementation]:
        changes = {"RSASSA_PKCS1_V1_5_SHA_256": "ECDSA_SHA_256"} if kind == "ec" else {}
        with aws_kms("ECC_NIST_P256" if kind == "ec" else "RSA_2048") as (address, signer, *pair):
            secrets = dict(zip(AWS_SECRETS, pair, strict=True))
            with by_recipe("aws-kms", address, signer, folder, secrets, changes) as service:
                yield Implementation(service, (pair[1],))

    return set_up


def _esign(kind: str) -> SetUp:
    def set_up(sandbox: Sandbox, folder: Path) -> Iterator[Implementation]:
        key = ec.generate_private_key(ec.SECP256R1()) if kind == "ec" else None
        signer = TestSigner.make(key)
        fake = ESign(signer)
        fake.refuses = hmac_refusal
        fake.pss = kind == "pss"
        secrets = {"esign-key": SHARED_KEY}
        with _with_fake("e-sign-api", fake, signer, folder, secrets) as made:
            yield made

    return set_up


def _pkcs11(kind: str) -> SetUp:
    def set_up(sandbox: Sandbox, folder: Path) -> Iterator[Implementation]:
        key = ec.generate_private_key(ec.SECP256R1()) if kind == "ec" else None
        family = softhsm.token(f"contract-{kind}", TestSigner.make(key), folder)
        if kind == "pss":
            family = replace(family, signature_algorithm="rsassa_pss")
        settings = ServiceSettings("token", family, idempotent=True)
        service = Pkcs11Service(settings, family, SystemClock(), sandbox_allowed=False)
        yield Implementation(service, (softhsm.PIN,))

    return set_up


IMPLEMENTATIONS: dict[str, SetUp] = {
    "csc-rsa": _csc("sandbox-seal"),
    "csc-ec": _csc("sandbox-seal-ec"),
    "csc-pss": _csc_by(signature_algorithm="rsassa_pss"),
    "csc-asynchronous": _csc_by(asynchronous=True),
    "csc-password": _csc_by_password,
    "csc-v1-rsa": _csc_v1("rsa"),
    "csc-v1-pss": _csc_v1("pss"),
    "csc-v1-ec": _csc_v1("ec"),
    "local": _local,
    "pkcs11-rsa": _pkcs11("rsa"),
    "pkcs11-pss": _pkcs11("pss"),
    "pkcs11-ec": _pkcs11("ec"),
    "digest-raw-vault-rsa": _vault("rsa"),
    "digest-raw-vault-pss": _vault("pss"),
    "digest-raw-vault-ec": _vault("ec"),
    "digest-raw-azure-rsa": _azure("rsa"),
    "digest-raw-azure-ec": _azure("ec"),
    "digest-raw-google": _google,
    "digest-raw-signserver": _signserver,
    "digest-raw-aws-rsa": _aws("rsa"),
    "digest-raw-aws-ec": _aws("ec"),
    "digest-cms-rsa": _esign("rsa"),
    "digest-cms-pss": _esign("pss"),
    "digest-cms-ec": _esign("ec"),
}
"""Every implementation, by the name that tests show."""

BINDING = ("csc-rsa", "csc-ec", "csc-pss", "csc-asynchronous", "csc-password")
"""Those whose authorisations are for certain digests, and for one use."""
COUNTING = ("csc-rsa", "csc-ec", "csc-pss", "csc-asynchronous")
"""Those that count what they charge."""
SINGLE = tuple(name for name in IMPLEMENTATIONS if name.startswith("digest-"))
"""Those that take one digest a call."""
