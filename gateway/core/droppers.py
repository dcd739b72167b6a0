"""Who dropped a file: the user of the site whom its owner, or the folder it lay in, stands for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.core.accounts import Account
from gateway.core.people import Person


@dataclass(frozen=True)
class Dropper:
    """Who dropped a file, as far as it is known."""

    owner: str = ""
    """Owner of the file, as the file system has it; empty when nobody knows."""
    name: str = ""
    """What seals are granted to: the user's login, or the owner whom no user stands for.

    Empty when nobody knows, and when it is a user who is disabled.
    """
    person: Person | None = None


def account_of(accounts: Iterable[Account], inbox: str, source: str, owner: str) -> Account | None:
    """Return the user who dropped a file, disabled ones, too; `source` is its path in the inbox.

    The owner decides, for the file system vouches for it; after it the home in which the file
    lay, the deepest first; and last a login that is the owner's name, if that user says of no
    other owner that it is theirs.
    """
    known = tuple(accounts)
    if owner:
        for account in known:
            if owner in (account.posix, account.smb):
                return account
    path = f"{inbox}/{source}"
    homes = [one for one in known if one.home and path.startswith(f"{one.home}/")]
    if homes:
        return max(homes, key=lambda one: len(one.home))
    return next((one for one in known if owner and one.login == owner and not one.posix), None)


def name_of(account: Account | None, accounts: Iterable[Account], owner: str) -> str:
    """Return what grants of seals to a user are compared with."""
    if account is not None:
        return "" if account.disabled else account.login
    # A grant to a login is meant for that user, not for another one's files.
    return "" if any(one.login == owner for one in accounts) else owner
