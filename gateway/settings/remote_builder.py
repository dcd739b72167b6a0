"""From `remote:` of an inbox, and from any other remote folder, to its settings."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import SplitResult, unquote, urlsplit

from gateway.core.remotes import RemoteSettings
from gateway.settings.parsing import Notes
from gateway.settings.remote_models import RemotePart, ServerPart
from gateway.settings.service_builder import ServiceBuilder
from gateway.settings.yaml_file import Location

_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")
_REMEDY = "Write sftp://USER@HOST/FOLDER, the folder as an absolute path."


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
    good = parts is not None
    for fingerprint in part.host_key:
        if _FINGERPRINT.fullmatch(fingerprint) is None:
            what = f"{fingerprint} is no fingerprint of a host key."
            remedy = "Write SHA256: and 43 characters, as ssh-keygen -lf shows it."
            notes.add((*here, "host_key"), "settings.wrong-value", what, remedy)
            good = False
    if (part.password is None) == (part.key is None):
        what = "Say exactly one of password and key."
        notes.add(here, "settings.wrong-value", what, "Name the secret that holds it.")
        good = False
    password = services.secret((*here, "password"), part.password)
    key = services.secret((*here, "key"), part.key)
    if parts is None or not good:
        return None
    return RemoteSettings(
        host=parts.hostname or "",
        port=parts.port or 22,
        user=unquote(parts.username or ""),
        path=unquote(parts.path),
        host_keys=part.host_key,
        password=password,
        key=key,
    )


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
    if parts.scheme != "sftp":
        what = "Remote folders are reached by sftp:// only."
    elif not parts.hostname or not parts.username or port == 0:
        what = "The address names no user, no host, or an impossible port."
    elif not parts.path.startswith("/") or ".." in unquote(parts.path).split("/"):
        what = "The address names no folder."
    elif parts.query or parts.fragment or "\0" in unquote(parts.path):
        what = "The folder's name holds something that has to be written as %XX."
    if what:
        notes.add((*here, "url"), "settings.wrong-value", what, _REMEDY)
        return None
    return parts
