"""From `remote:` of an inbox, and from any other remote folder, to its settings."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib.util import find_spec
from urllib.parse import SplitResult, unquote, urlsplit

from gateway.core.remotes import SCHEMES, RemoteSettings
from gateway.settings.parsing import Notes
from gateway.settings.remote_kinds import KINDS, PECULIAR
from gateway.settings.remote_models import RemotePart, ServerPart
from gateway.settings.service_builder import ServiceBuilder
from gateway.settings.yaml_file import Location

_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_REMEDY = f"Write {' or '.join(kind.form for kind in KINDS.values())}."


def build_remote(
    here: Location, part: RemotePart, services: ServiceBuilder, notes: Notes
) -> RemoteSettings | None:
    """Return from where an inbox is filled; None, with every problem noted, when faulty."""
    server = build_server(here, part, services, notes)
    if server is None:
        return None
    return replace(server, poll=part.poll, settle=part.settle, keep=part.after == "keep")


def build_server(
    here: Location, part: ServerPart, services: ServiceBuilder, notes: Notes
) -> RemoteSettings | None:
    """Return the settings of a remote folder; None, with every problem noted, when faulty."""
    parts = _address(here, part.url, notes)
    if parts is None:
        return None
    good = _check_keys(here, part, parts.scheme, notes)
    for fingerprint in part.host_key:
        if _FINGERPRINT.fullmatch(fingerprint) is None:
            what = f"{fingerprint} is no fingerprint of a host key."
            remedy = "Write SHA256: and 43 characters, as ssh-keygen -lf shows it."
            notes.add((*here, "host_key"), "settings.wrong-value", what, remedy)
            good = False
    good &= _check_certificates(here, part, notes)
    authority = services.authority((*here, "ca_file"), part.ca_file)
    password = services.secret((*here, "password"), part.password)
    key = services.secret((*here, "key"), part.key)
    if not good:
        return None
    return RemoteSettings(
        host=parts.hostname or "",
        port=parts.port or SCHEMES[parts.scheme],
        user=unquote(parts.username or ""),
        path=unquote(parts.path),
        scheme=parts.scheme,
        host_keys=part.host_key,
        password=password,
        key=key,
        certificates=tuple(_bare(fingerprint) for fingerprint in part.certificate),
        ca_file=authority,
        region=part.region,
    )


def _check_certificates(here: Location, part: ServerPart, notes: Notes) -> bool:
    good = True
    for fingerprint in part.certificate:
        if _DIGEST.fullmatch(_bare(fingerprint)) is None:
            what = f"{fingerprint} is no SHA-256 of a certificate."
            remedy = "Write 64 hex digits, as openssl x509 -fingerprint -sha256 shows them."
            notes.add((*here, "certificate"), "settings.wrong-value", what, remedy)
            good = False
    if part.certificate and part.ca_file:
        what = "certificate and ca_file are two ways to know the server."
        notes.add((*here, "ca_file"), "settings.wrong-value", what, "Leave one out.")
        good = False
    return good


def _bare(fingerprint: str) -> str:
    return fingerprint.lower().replace(":", "")


def _check_keys(here: Location, part: ServerPart, scheme: str, notes: Notes) -> bool:
    """Note what is missing or has no meaning for this kind of server; tell whether all is well."""
    kind = KINDS[scheme]
    problems = []
    for name in PECULIAR:
        if getattr(part, name) and name not in kind.keys:
            problems.append(((*here, name), f"{scheme}:// takes no {name}.", "Leave it out."))
    if "host_key" in kind.keys and not part.host_key:
        what = "Nothing says which host key the server has."
        problems.append((here, what, "Add host_key, as ssh-keygen -lf shows it."))
    if "key" not in kind.keys and part.password is None:
        what = "Nothing says which password goes with the user."
        problems.append((here, what, "Name the secret that holds it: password: {secret: NAME}."))
    elif "key" in kind.keys and (part.password is None) == (part.key is None):
        what = "Say exactly one of password and key."
        problems.append((here, what, "Name the secret that holds it."))
    if kind.module and find_spec(kind.module) is None:
        what = f"{scheme}:// needs a library that is not installed."
        problems.append(((*here, "url"), what, f"pip install 'sealgate[{kind.extra}]'"))
    for where, what, remedy in problems:
        notes.add(where, "settings.wrong-value", what, remedy)
    return not problems


def _address(here: Location, url: str, notes: Notes) -> SplitResult | None:
    what = ""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        notes.add((*here, "url"), "settings.wrong-value", "This is no address.", _REMEDY)
        return None
    if parts.password is not None:
        what = "The address holds a password."
        remedy = "Name the secret that holds it: password: {secret: NAME}."
        notes.add((*here, "url"), "settings.secret-in-yaml", what, remedy)
        return None
    path = unquote(parts.path)
    if parts.scheme not in KINDS:
        what = f"Remote folders are not reached by {parts.scheme}://."
    elif not parts.hostname or not parts.username or port == 0:
        what = "The address names no user, no host, or an impossible port."
    elif not path.startswith("/") or ".." in path.split("/"):
        what = "The address names no folder."
    elif parts.scheme != "sftp" and not path.strip("/"):
        what = "The address does not say which share, bucket or folder."
    elif parts.query or parts.fragment or "\0" in path:
        what = "The folder's name holds something that has to be written as %XX."
    if what:
        notes.add((*here, "url"), "settings.wrong-value", what, _REMEDY)
        return None
    return parts
