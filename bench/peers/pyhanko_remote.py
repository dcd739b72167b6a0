"""Sign files with a digest service (CSC v2), many calls in flight, in asyncio processes.

The hardest stock peer: each process has an event loop of its own; both calls that a signature needs
(credentials/authorize and signatures/signHash) go over kept connections.
Prints the seconds, and those of processor time.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import multiprocessing
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import aiohttp
from asn1crypto import x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSigner
from pyhanko.sign.signers import Signer
from pyhanko_certvalidator.registry import SimpleCertificateStore
from stock_pyhanko import arguments, pdf_signer, shares

_SHA256 = "2.16.840.1.101.3.4.2.1"
_RSA_SHA256 = "1.2.840.113549.1.1.11"
_TOKEN = "oauth2/token"  # noqa: S105  # a path


class RemoteSigner(Signer):
    """Asks a digest service for each signature."""

    def __init__(self, session: aiohttp.ClientSession, pin: str, chain: list[bytes]) -> None:
        own, *others = (x509.Certificate.load(one) for one in chain)
        store = SimpleCertificateStore()
        store.register_multiple(others)
        super().__init__(signing_cert=own, cert_registry=store)
        self._session = session
        self._pin = pin

    async def async_sign_raw(
        self, data: bytes, digest_algorithm: str, dry_run: bool = False
    ) -> bytes:
        """Return the service's signature of the signed attributes."""
        if dry_run:
            return bytes(256)
        (signature,) = await self.sign_digests([hashlib.sha256(data).digest()])
        return signature

    async def sign_digests(self, digests: list[bytes]) -> list[bytes]:
        """Return the service's signatures: one authorisation and one call for all."""
        asked: dict[str, Any] = {
            "credentialID": "sandbox-seal",
            "hashes": [base64.b64encode(digest).decode() for digest in digests],
            "hashAlgorithmOID": _SHA256,
        }
        given = {"authData": [{"id": "PIN", "value": self._pin}], "numSignatures": len(digests)}
        permitted = await post(self._session, "credentials/authorize", asked | given)
        told = {"SAD": permitted["SAD"], "signAlgo": _RSA_SHA256}
        answer = await post(self._session, "signatures/signHash", asked | told)
        return [base64.b64decode(one) for one in answer["signatures"]]


async def post(session: aiohttp.ClientSession, method: str, body: dict[str, Any]) -> Any:
    """Call one method of the service."""
    async with session.post(f"/csc/v2/{method}", json=body) as answer:
        answer.raise_for_status()
        return await answer.json()


async def sign(signer: PdfSigner, source: Path, target: Path) -> None:
    """Sign one file."""
    with source.open("rb") as document, target.open("wb") as result:
        await signer.async_sign_pdf(IncrementalPdfFileWriter(document), output=result)


@asynccontextmanager
async def logged_in(chosen: argparse.Namespace) -> AsyncIterator[RemoteSigner]:
    """Log in at the service and read the chain of the seal's certificate."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(chosen.address, connector=connector) as session:
        secret = (chosen.sandbox / "client-secret").read_text()
        login = {"Authorization": aiohttp.BasicAuth("sealgate", secret).encode()}
        form = {"grant_type": "client_credentials"}
        async with session.post(f"/{_TOKEN}", data=form, headers=login) as answer:
            token = (await answer.json())["access_token"]
        session.headers["Authorization"] = f"Bearer {token}"
        asked = {"credentialID": "sandbox-seal", "certificates": "chain"}
        described = await post(session, "credentials/info", asked)
        chain = [base64.b64decode(one) for one in described["cert"]["certificates"]]
        yield RemoteSigner(session, (chosen.sandbox / "pin").read_text(), chain)


async def sign_all(chosen: argparse.Namespace, files: list[Path], barrier: Barrier) -> float:
    """Sign a share of the files, with a share of the calls in flight; return processor seconds."""
    room = asyncio.Semaphore(max(1, chosen.in_flight // chosen.processes))
    async with logged_in(chosen) as remote:
        signer = pdf_signer(remote, chosen.image)

        async def one(path: Path) -> None:
            async with room:
                await sign(signer, path, chosen.out / path.name)

        await one(files[0])
        barrier.wait()
        used = time.process_time()
        await asyncio.gather(*(one(path) for path in files))
        return time.process_time() - used


def work(
    chosen: argparse.Namespace, files: list[Path], barrier: Barrier, spent: Synchronized[float]
) -> None:
    """Be one of the processes."""
    used = asyncio.run(sign_all(chosen, files, barrier))
    with spent.get_lock():
        spent.value += used


def main() -> None:
    """Start the processes, let them warm up, then measure until the last has ended."""
    parser = arguments()
    parser.add_argument("--address", required=True)
    parser.add_argument("--sandbox", type=Path, required=True)
    parser.add_argument("--in-flight", type=int, default=64)
    parser.add_argument("--processes", type=int, default=2)
    chosen = parser.parse_args()
    barrier = multiprocessing.Barrier(chosen.processes + 1)
    spent = multiprocessing.Value("d", 0.0)
    started = [
        multiprocessing.Process(target=work, args=(chosen, share, barrier, spent))
        for share in shares(chosen.files, chosen.processes)
    ]
    for process in started:
        process.start()
    barrier.wait(120)
    began = time.perf_counter()
    for process in started:
        process.join()
    if any(process.exitcode for process in started):
        raise SystemExit("a process failed")
    print(time.perf_counter() - began, spent.value)  # noqa: T201


if __name__ == "__main__":
    main()
