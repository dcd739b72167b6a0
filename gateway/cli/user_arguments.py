"""The command line of `sealgate users`: names, arguments and help."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from gateway.core.people import Permission, Role

Command = Callable[..., argparse.ArgumentParser]
Verbs = argparse._SubParsersAction  # argparse has no public name for it

_ROLES = tuple(role.value for role in Role)
_PERMISSIONS = tuple(permission.value for permission in Permission)


def add_users(commands: Verbs[argparse.ArgumentParser], command: Command) -> None:
    """Add the family of commands; `command` makes one of them."""
    users = commands.add_parser("users", help="users, groups and roles; passwords, tokens, links")
    verbs = users.add_subparsers(dest="verb", required=True, metavar="VERB")
    _looking(verbs, command)
    _keeping(verbs, command)
    _letting_in(verbs, command)
    _tokens(verbs, command)
    _groups(verbs, command)


def _looking(verbs: Verbs[argparse.ArgumentParser], command: Command) -> None:
    command(verbs, "list", "list the users, disabled ones, too", table=True)
    show = command(verbs, "show", "show everything about a user but secrets", table=True)
    show.add_argument("login", metavar="LOGIN")
    command(verbs, "roles", "list the roles and what each of them may do", table=True)


def _keeping(verbs: Verbs[argparse.ArgumentParser], command: Command) -> None:
    add = command(verbs, "add", "add a user, and print a link for setting the password")
    add.add_argument("login", metavar="LOGIN")
    add.add_argument("--role", action="append", default=[], choices=_ROLES, help="may be repeated")
    add.add_argument("--group", action="append", default=[], metavar="NAME")
    add.add_argument("--no-link", action="store_true", help="print no link")
    change = command(verbs, "change", "change what is known of a user; '' takes it away")
    change.add_argument("login", metavar="LOGIN")
    change.add_argument("--add-role", action="append", default=[], choices=_ROLES)
    change.add_argument("--remove-role", action="append", default=[], choices=_ROLES)
    change.add_argument("--add-group", action="append", default=[], metavar="NAME")
    change.add_argument("--remove-group", action="append", default=[], metavar="NAME")
    for parser in (add, change):
        parser.add_argument("--name", help="how the person is called")
        parser.add_argument("--mail", metavar="ADDRESS")
        parser.add_argument("--language", choices=("", "en", "zh"))
        parser.add_argument("--posix", metavar="NAME", help="owner of the files the person drops")
        parser.add_argument("--smb", metavar="NAME", help="the same, as the SMB server has it")
        parser.add_argument("--home", metavar="INBOX/FOLDER", help="what lies there is theirs")
        parser.add_argument("--subject", metavar="ISSUER SUBJECT", help="at the OpenID provider")
    for verb, about in (
        ("disable", "let a user in no more; sessions and API tokens end"),
        ("enable", "let a disabled user in again"),
    ):
        parser = command(verbs, verb, about)
        parser.add_argument("login", metavar="LOGIN")
        parser.add_argument("--why", default="", metavar="TEXT")


def _letting_in(verbs: Verbs[argparse.ArgumentParser], command: Command) -> None:
    password = command(verbs, "password", "set a password, asked for or read from standard input")
    password.add_argument("login", metavar="LOGIN")
    link = command(verbs, "link", "print a one-time link with which a user sets a password")
    link.add_argument(
        "login", nargs="?", default="", metavar="LOGIN", help="none: the first administrator"
    )
    totp = command(verbs, "totp", "set up an authenticator, or take it away")
    totp.add_argument("login", metavar="LOGIN")
    totp.add_argument("--off", action="store_true", help="the password alone lets in again")
    unlock = command(verbs, "unlock", "forget a user's failed log-ins")
    unlock.add_argument("login", metavar="LOGIN")
    sessions = command(verbs, "sessions", "list who is logged in, or end sessions", table=True)
    sessions.add_argument("login", nargs="?", default="", metavar="LOGIN")
    sessions.add_argument("--end", action="store_true", help="end all sessions of the user")


def _tokens(verbs: Verbs[argparse.ArgumentParser], command: Command) -> None:
    tokens = verbs.add_parser("tokens", help="tokens by which programs act for a user")
    parts = tokens.add_subparsers(dest="part", required=True, metavar="VERB")
    add = command(parts, "add", "make a token, and print it once")
    add.set_defaults(verb="tokens_add")
    add.add_argument("login", metavar="LOGIN")
    add.add_argument("--name", required=True, help="what it is for")
    add.add_argument("--scope", action="append", required=True, choices=_PERMISSIONS)
    add.add_argument("--days", type=int, default=90, help="how long it lasts (default 90)")
    every = command(parts, "list", "list tokens", table=True)
    every.set_defaults(verb="tokens_list")
    every.add_argument("login", nargs="?", default="", metavar="LOGIN")
    withdraw = command(parts, "withdraw", "end a token for ever")
    withdraw.set_defaults(verb="tokens_withdraw")
    withdraw.add_argument("login", metavar="LOGIN")
    withdraw.add_argument("token", metavar="ID")


def _groups(verbs: Verbs[argparse.ArgumentParser], command: Command) -> None:
    groups = verbs.add_parser("groups", help="groups of users, and their roles")
    parts = groups.add_subparsers(dest="part", required=True, metavar="VERB")
    every = command(parts, "list", "list the groups", table=True)
    every.set_defaults(verb="groups_list")
    add = command(parts, "add", "add a group")
    add.set_defaults(verb="groups_add")
    add.add_argument("--role", action="append", default=[], choices=_ROLES, help="may be repeated")
    change = command(parts, "change", "change what a group is about, or its roles")
    change.set_defaults(verb="groups_change")
    change.add_argument("--add-role", action="append", default=[], choices=_ROLES)
    change.add_argument("--remove-role", action="append", default=[], choices=_ROLES)
    for parser in (add, change):
        parser.add_argument("name", metavar="NAME")
        parser.add_argument("--about", help="in a few words")
