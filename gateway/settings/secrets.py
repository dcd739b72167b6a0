"""Secrets: from systemd credentials, private files or the environment, never from YAML."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from gateway.core.site import Secret
from gateway.settings.models import SecretReference

_LARGEST = 65536


class NoSecret(Exception):
    """Why a secret cannot be had: a code of the settings, what is wrong, and the remedy."""

    def __init__(self, code: str, what: str, remedy: str) -> None:
        super().__init__(what)
        self.code = code
        self.what = what
        self.remedy = remedy


def resolve_secret(
    reference: SecretReference, root: Path, environment: Mapping[str, str]
) -> Secret:
    """Return a secret's value.

    `{secret: NAME}` is looked for in systemd's credentials folder, then in the variable
    `SEALGATE_SECRET_NAME`, then in the file `secrets/NAME` of the site. Raises `NoSecret`.
    """
    if reference.environment is not None:
        return _from_environment(reference.environment, environment)
    if reference.file is not None:
        return Secret(reference.file, _from_file(root / reference.file))
    name = reference.secret or ""
    if "/" in name or name.startswith("."):
        raise NoSecret("settings.wrong-value", f"{name} is no name.", "Write a plain name.")
    credentials = environment.get("CREDENTIALS_DIRECTORY")
    if credentials and (Path(credentials) / name).is_file():
        return Secret(name, _from_file(Path(credentials) / name, private=False))
    variable = f"SEALGATE_SECRET_{name.upper().replace('-', '_')}"
    if variable in environment:
        return _from_environment(variable, environment)
    if (root / "secrets" / name).exists():
        return Secret(name, _from_file(root / "secrets" / name))
    raise NoSecret(
        "settings.secret",
        f"The secret {name} is nowhere to be found.",
        f"Provide it as a systemd credential {name}, as {variable}, or as secrets/{name} "
        "with mode 600.",
    )


def _from_environment(variable: str, environment: Mapping[str, str]) -> Secret:
    value = environment.get(variable, "")
    if not value:
        what = f"The environment variable {variable} is not set."
        raise NoSecret("settings.secret", what, "Set it for the service.")
    return Secret(variable, value)


def _from_file(path: Path, *, private: bool = True) -> str:
    """Read a secret file: ours, plain, and readable by nobody else."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        what = f"The secret's file {path} cannot be read: {error.strerror}."
        raise NoSecret("settings.secret", what, "Check name and owner.") from error
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise NoSecret("settings.secret", f"{path} is no plain file.", "Use a plain file.")
        if private and status.st_mode & 0o077:
            what = f"The secret's file {path} can be read by others."
            raise NoSecret("settings.secret-exposed", what, f"chmod 600 {path}")
        if private and status.st_uid not in (0, os.geteuid()):
            what = f"The secret's file {path} belongs to somebody else."
            raise NoSecret("settings.secret-exposed", what, f"chown it to user {os.geteuid()}")
        text = file.read(_LARGEST).decode("utf-8", "replace").strip("\r\n")
    if not text:
        raise NoSecret("settings.secret", f"The secret's file {path} is empty.", "Fill it.")
    return text
