"""What a site keeps of its people: users, groups, and how the two make a person."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from gateway.core.people import Person, Role

LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,99}")
"""What a login may be: small letters, digits and `. _ @ + -`, so that a mail address will do."""
GROUP = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")


@dataclass(frozen=True)
class Group:
    """People who have something in common: roles, and grants of seals."""

    name: str
    about: str = ""
    roles: frozenset[Role] = frozenset()
    revision: int = 0
    """Counts the changes; a writer that knows an older one is refused. 0: not there yet."""


@dataclass(frozen=True)
class Account:
    """A user as the site keeps it. Never deleted: the signing log names it."""

    login: str
    name: str
    roles: frozenset[Role] = frozenset()
    """Its own, without those of its groups."""
    groups: frozenset[str] = frozenset()
    language: str = ""
    """`en` or `zh`; empty for the site's."""
    mail: str = ""
    disabled: bool = False
    posix: str = ""
    """Owner of the files that this person drops, as the file system has it."""
    smb: str = ""
    """The same as an SMB server writes it, such as `EXAMPLE\\anna`."""
    home: str = ""
    """`INBOX` or `INBOX/FOLDER` into which nobody else can drop files, as SFTP users have it."""
    subject: str = ""
    """Who this is to the sign-on provider: issuer and subject, with a space in between."""
    revision: int = 0


def person_of(account: Account, groups: Iterable[Group]) -> Person:
    """Return the person that an account and the site's groups make."""
    theirs = [group for group in groups if group.name in account.groups]
    roles = account.roles.union(*(group.roles for group in theirs))
    return Person(account.login, account.name, roles, account.groups, account.language)
