"""Secrets: from systemd credentials, private files or the environment, never from YAML."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path

from gateway.core.secret import Secret
from gateway.settings.problems import Objection
from gateway.settings.service_models import SecretReference

_LARGEST = 65536
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def resolve_secret(
    reference: SecretReference, root: Path, environment: Mapping[str, str]
) -> Secret:
    """Return a secret's value.

    `{secret: NAME}` is looked for in systemd's credentials folder, then in the variable
    `SEALGATE_SECRET_NAME`, then in the file `secrets/NAME` of the site. Raises `Objection`.
    """
    if reference.environment is not None:
        return _from_environment(reference.environment, environment)
    if reference.file is not None:
        path = root / reference.file
        value = _from_file(path)
        if value is None:
            what = f"The secret's file {path} is not there."
            raise Objection("settings.secret", what, "Write the secret into it, with mode 600.")
        return Secret(reference.file, value)
    return _by_name(reference.secret or "", root, environment)


def _by_name(name: str, root: Path, environment: Mapping[str, str]) -> Secret:
    if _NAME.fullmatch(name) is None:
        what = "This is no name of a secret."
        raise Objection("settings.wrong-value", what, "Use letters, digits, -, _ and dots.")
    credentials = environment.get("CREDENTIALS_DIRECTORY")
    if credentials:
        # systemd's own folder: it sees to permissions, and they vary with its version.
        value = _from_file(Path(credentials) / name, private=False)
        if value is not None:
            return Secret(name, value)
    variable = f"SEALGATE_SECRET_{re.sub('[.-]', '_', name.upper())}"
    if variable in environment:
        return _from_environment(variable, environment)
    value = _from_file(root / "secrets" / name)
    if value is not None:
        return Secret(name, value)
    raise Objection(
        "settings.secret",
        f"The secret {name} is nowhere to be found.",
        f"Provide it as a systemd credential {name}, as {variable}, or as secrets/{name} "
        "with mode 600.",
    )


def _from_environment(variable: str, environment: Mapping[str, str]) -> Secret:
    value = environment.get(variable, "")
    if not value:
        what = f"The environment variable {variable} is not set."
        raise Objection("settings.secret", what, "Set it for the service.")
    return Secret(variable, value)


def _from_file(path: Path, *, private: bool = True) -> str | None:
    """Read a secret file, plain, ours, and readable by nobody else; None when there is none."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            status = os.fstat(descriptor)
            _check_status(path, status, private=private)
            content = os.read(descriptor, _LARGEST + 1)
        finally:
            os.close(descriptor)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        what = f"The secret's file {path} cannot be read: {error.strerror}."
        raise Objection("settings.secret", what, "Check name and owner.") from error
    return _decoded(path, content)


def _check_status(path: Path, status: os.stat_result, *, private: bool) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise Objection("settings.secret", f"{path} is no plain file.", "Use a plain file.")
    if private and status.st_mode & 0o077:
        what = f"The secret's file {path} can be read by others."
        raise Objection("settings.secret-exposed", what, f"chmod 600 {path}")
    if private and status.st_uid not in (0, os.geteuid()):
        what = f"The secret's file {path} belongs to somebody else."
        raise Objection("settings.secret-exposed", what, f"chown it to user {os.geteuid()}.")


def _decoded(path: Path, content: bytes) -> str:
    """Return the text without its last line end; its content never reaches a message."""
    if len(content) > _LARGEST:
        what = f"The secret's file {path} is larger than {_LARGEST // 1024} KiB."
        raise Objection("settings.secret", what, "Check that it is the right file.")
    try:
        text = content.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        what = f"The secret's file {path} is not text in UTF-8."
        raise Objection("settings.secret", what, "Save it with the encoding UTF-8.") from None
    if not text:
        raise Objection("settings.secret", f"The secret's file {path} is empty.", "Fill it.")
    return text
