"""Fetching: files of a remote folder come into an inbox, each once.

Theory of operation
-------------------
A file that two listings show unchanged is claimed by renaming it into `.sealgate/`, under a
name that carries this gateway's id, so of two gateways only one gets it, and after a crash it
is found again. Its bytes come into a hidden local file, continued where a broken connection
left it. When that is complete and durable, its hash is remembered, and only then it gets its
name in the inbox, by a rename. So whoever finds the hash remembered but no hidden file knows
that the file has landed, and only the remote one is left to be put away.
One file that the server does not let us have is passed over, which is logged once.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager

from gateway.core.errors import ServiceFault
from gateway.core.names import display, is_partial, shorten
from gateway.core.remotes import RemoteSettings
from gateway.ports import Clock, Memory, SigningLog
from gateway.ports.remotes import Landing, RemoteFile, RemoteFolder

_CLAIMS = ".sealgate"
_GATEWAY = "remotes.gateway"
"""The fact that holds this gateway's id."""
_LATER = ("remote.file-denied", "remote.file-busy")
"""What is wrong with one file, and keeps no other from coming."""

_DENIED, _NO_UTF8, _TOO_LARGE = "denied", "name is not UTF-8", "larger than limits.max_file_size"

Connect = Callable[[], AbstractContextManager[RemoteFolder]]


class Fetcher:
    """Fills one inbox from its remote folder; used by one thread at a time."""

    def __init__(
        self,
        inbox: str,
        settings: RemoteSettings,
        connect: Connect,
        landing: Landing,
        *,
        largest: int,
        memory: Memory,
        log: SigningLog,
        clock: Clock,
    ) -> None:
        """`largest` is in bytes: larger files stay where they are."""
        self.inbox = inbox
        self.settings = settings
        self._connect = connect
        self._landing = landing
        self._largest = largest
        self._memory = memory
        self._log = log
        self._clock = clock
        self._seen: dict[RemoteFile, float] = {}
        """Unclaimed files and the monotonic time since which they are unchanged."""

    def fetch(self) -> int:
        """Make one pass; return how many files have yet to settle.

        Raises `ServiceFault` (codes of `remote.…`) and `SiteFault`.
        """
        with self._connect() as remote:
            ignored = self._finish_claims(remote)
            files = remote.list()
            denied = {
                file.name: _DENIED for file in self._settled(files) if not self._take(remote, file)
            }
            ignored |= denied | {
                file.name: _TOO_LARGE for file in files if file.size > self._largest
            }
            ignored |= {file.name: _NO_UTF8 for file in files if not _writable(file.name)}
            self._tell(ignored | self._finish_claims(remote))
        return len(self._seen) - len(denied)

    def _take(self, remote: RemoteFolder, file: RemoteFile) -> bool:
        """Claim and fetch a file; False when the server does not let us have this one."""
        claim = f"{self._prefix()}{secrets.token_hex(6)}.{file.name}"
        try:
            claimed = remote.rename(file.name, f"{_CLAIMS}/{_shortened(claim)}")
        except ServiceFault as fault:
            if fault.code not in _LATER:
                raise
            # Whoever has it open will have written it soon.
            return fault.code == "remote.file-busy"
        if claimed:
            self._seen.pop(file, None)
            self._finish_claims(remote)
        return True

    def _tell(self, ignored: dict[str, str]) -> None:
        """Log each file that is passed over, and why, once for as long as it is there."""
        fact = f"remotes.ignored.{self.inbox}"
        told = json.loads(self._memory.recall(fact) or "[]")
        now = []
        for name, why in sorted(ignored.items()):
            shown = display(name)
            now.append(shown)
            if shown not in told:
                details = {"inbox": self.inbox, "from": shown, "why": why}
                self._log.record("remote.ignored", details)
        if now != told:
            self._memory.remember(fact, json.dumps(now))

    def _settled(self, files: tuple[RemoteFile, ...]) -> tuple[RemoteFile, ...]:
        now = self._clock.monotonic()
        wanted = [file for file in files if _wanted(file.name) and file.size <= self._largest]
        self._seen = {file: self._seen.get(file, now) for file in wanted}
        quiet = self.settings.settle
        return tuple(file for file, since in self._seen.items() if now - since >= quiet)

    def _finish_claims(self, remote: RemoteFolder) -> dict[str, str]:
        """Fetch what is claimed; return the paths of what is not, and why."""
        mine = self._prefix()
        claims = [
            file
            for file in remote.list(_CLAIMS)
            if file.name.startswith(mine)
            and _wanted(file.name.removeprefix(mine).partition(".")[2])
        ]
        self._forget(frozenset(file.name for file in claims))
        passed_over: dict[str, str] = {}
        for claim in claims:
            path = f"{_CLAIMS}/{claim.name}"
            if claim.size > self._largest:  # it grew, or was claimed under other limits
                passed_over[path] = _TOO_LARGE
                continue
            try:
                self._finish(remote, claim)
            except ServiceFault as fault:
                if fault.code not in _LATER:
                    raise
                if fault.code != "remote.file-busy":
                    passed_over[path] = _DENIED
        return passed_over

    def _finish(self, remote: RemoteFolder, claim: RemoteFile) -> None:
        """Bring one claimed file to its place, wherever an earlier attempt has ended."""
        name = claim.name.split(".", 2)[2]
        hashes = self._hashes()
        if claim.name not in hashes:
            hashes[claim.name] = self._download(remote, claim)
            self._remember(hashes)
        if self._landing.started(claim.name):
            landed = self._landing.land(claim.name, name)
            details = {
                "inbox": self.inbox,
                "source": display(landed),
                "from": display(name),
                "sha256": hashes[claim.name],
            }
            self._log.record("remote.fetched", details)
        path = f"{_CLAIMS}/{claim.name}"
        if not self.settings.keep:
            remote.remove(path)
        elif not remote.rename(path, f"{_CLAIMS}/taken/{claim.name}"):
            raise ServiceFault("remote.protocol", f"{display(path)} cannot be put away")

    def _download(self, remote: RemoteFolder, claim: RemoteFile) -> str:
        """Complete the local copy and return its hash; a file that still changes is begun anew."""
        with self._landing.partial(claim.name) as partial:
            have = os.fstat(partial).st_size
            if have > claim.size:
                os.ftruncate(partial, 0)
                have = 0
            if have < claim.size:
                remote.read(f"{_CLAIMS}/{claim.name}", partial, have, claim.size)
            if os.fstat(partial).st_size != claim.size or claim not in remote.list(_CLAIMS):
                os.ftruncate(partial, 0)
                what = f"{display(claim.name)} changed while it was fetched"
                raise ServiceFault("remote.protocol", what)
            return self._landing.seal_off(partial)

    def _prefix(self) -> str:
        """Return what the names of our claims begin with; the id is made once."""
        gateway = self._memory.recall(_GATEWAY)
        if gateway is None:
            gateway = secrets.token_hex(6)
            self._memory.remember(_GATEWAY, gateway)
        inbox = hashlib.sha256(self.inbox.encode()).hexdigest()[:8]
        return f"{gateway}-{inbox}."

    def _hashes(self) -> dict[str, str]:
        return dict(json.loads(self._memory.recall(f"remotes.claims.{self.inbox}") or "{}"))

    def _remember(self, hashes: dict[str, str]) -> None:
        self._memory.remember(f"remotes.claims.{self.inbox}", json.dumps(hashes))

    def _forget(self, open_claims: frozenset[str]) -> None:
        hashes = self._hashes()
        kept = {claim: value for claim, value in hashes.items() if claim in open_claims}
        if kept != hashes:
            self._remember(kept)


def _wanted(name: str) -> bool:
    """Tell whether a name may come into the inbox; the server is not trusted to give sane ones."""
    sane = bool(name) and not is_partial(name) and "/" not in name and "\0" not in name
    return sane and _writable(name)


def _writable(name: str) -> bool:
    """Tell whether a name is UTF-8, so that it can be said to the server again."""
    return not any("\ud800" <= character <= "\udfff" for character in name)


def _shortened(claim: str) -> str:
    """Cut a claim's name so that the hidden local copy's fits, too; its extension is kept."""
    stem, dot, extension = claim.rpartition(".")
    return shorten(stem, dot + extension, 230) if len(extension) <= 16 else shorten(claim, "", 230)
