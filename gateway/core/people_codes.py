"""What can be wrong with people: who is not let in, and what cannot be said of a user."""

from __future__ import annotations

from gateway.core.error_code import access, site, usage

PEOPLE_CODES = (
    access(
        "access.refused",
        "Login, password or code is wrong.",
        "Try again; an administrator makes a new password with sealgate users link LOGIN.",
    ),
    access(
        "access.code-needed",
        "The password is right; the six digits of the authenticator are asked for, too.",
        "Give the code that the authenticator shows now, or one of the recovery codes.",
    ),
    access(
        "access.paused",
        "There were too many failed attempts to log in.",
        "Wait until the pause is over, or ask an administrator: sealgate users unlock LOGIN.",
    ),
    access(
        "access.busy",
        "Too many people log in at this moment.",
        "Try again in a moment; if it stays so, somebody may be guessing passwords: see the log.",
    ),
    access(
        "access.logged-out",
        "Nobody is logged in here any more.",
        "Log in again.",
    ),
    access(
        "access.token",
        "The API token is not known, has expired or was withdrawn.",
        "Make a new one, in the console or with sealgate users tokens add LOGIN.",
    ),
    access(
        "access.link",
        "The one-time link is not known, was used, was replaced or has expired.",
        "Ask an administrator for a new one: sealgate users link LOGIN.",
    ),
    access(
        "access.forbidden",
        "None of this person's roles allows it.",
        "Ask an administrator for a role that does; docs/people.md has the table.",
    ),
    access(
        "access.form",
        "The form is not of this session, or came from another site; nothing was done.",
        "Load the page again, and repeat what you wanted to do.",
    ),
    access(
        "access.second-factor",
        "A role of this person asks for a second factor, which is not set up yet.",
        "Set up an authenticator first; nothing else is possible until then.",
    ),
    access(
        "access.provider",
        "The sign-on provider did not let this person in, or cannot be reached.",
        "Begin the log-in anew; the detail says what the provider or its answer objected to.",
    ),
    access(
        "access.unknown-person",
        "The sign-on provider vouches for somebody whom this site does not know.",
        "Let an administrator add the user, or let the provider's people be added by themselves.",
    ),
    access(
        "access.four-eyes",
        "It is asked for, not done: another keeper has to confirm it.",
        "Let another keeper look at it: sealgate seals requests, then sealgate seals confirm.",
    ),
    access(
        "access.same-person",
        "Nobody confirms what he asked for himself.",
        "Let another keeper confirm it, or refuse it to take it back.",
    ),
    access(
        "access.own-roles",
        "Where four eyes are asked for nobody gives himself a role.",
        "Ask another administrator, or use sealgate users change on the machine itself.",
    ),
    site(
        "site.people-key",
        "The key that authenticators' secrets are encrypted with is missing, damaged or exposed.",
        "Restore state/people.key from the backup, with mode 600; without it, users set up their "
        "second factors anew: sealgate users totp LOGIN --off.",
    ),
    site(
        "site.console",
        "The console cannot listen where console: in gateway.yaml says.",
        "Free the port, or choose another one below console: listen.",
    ),
    usage("usage.unknown-user", "There is no such user.", "See sealgate users list."),
    usage(
        "usage.user-exists",
        "There is a user of that login already; the log may name it.",
        "Choose another login, or let the user in again: sealgate users enable LOGIN.",
    ),
    usage(
        "usage.user-changed",
        "The user or group was changed by somebody else meanwhile.",
        "Look at it again, and repeat the change.",
    ),
    usage(
        "usage.user-option",
        "That cannot be said of a user or group.",
        "Read what stands in brackets; sealgate users VERB --help has an explanation.",
    ),
    usage("usage.unknown-group", "There is no such group.", "See sealgate users groups list."),
    usage(
        "usage.group-exists",
        "There is a group of that name already.",
        "Choose another name, or change that group: sealgate users groups change NAME.",
    ),
    usage(
        "usage.last-administrator",
        "Nobody would be left who can administer users.",
        "Make somebody else an administrator first.",
    ),
    usage(
        "usage.passwords-differ",
        "The two passwords differ.",
        "Type the same password twice.",
    ),
    usage(
        "usage.request",
        "The request is not as the API wants it.",
        "Read what stands in brackets; /api/v1/openapi.json describes each request.",
    ),
    usage(
        "usage.key-reused",
        "The Idempotency-Key was used for another request before.",
        "Make a new key for each document or act; use the same one only to send the same again.",
    ),
    usage(
        "usage.weak-password",
        "This password is too easy to guess.",
        "Take a long one: a few words that belong together only for you.",
    ),
    usage(
        "usage.second-factor",
        "The second factor is not in a state for that.",
        "See sealgate users show LOGIN; begin with setting one up.",
    ),
    usage(
        "usage.unknown-token",
        "The user has no such API token.",
        "See sealgate users tokens list LOGIN.",
    ),
    usage(
        "usage.unknown-request",
        "There is no such request of a keeper.",
        "See sealgate seals requests and sealgate rules requests.",
    ),
    usage(
        "usage.request-decided",
        "The request was confirmed, refused or has expired.",
        "Ask for the change once more, if it is still wanted.",
    ),
    usage(
        "usage.request-kind",
        "A request about this cannot be confirmed here.",
        "Changes of rules: sealgate rules confirm; of seals: sealgate seals confirm.",
    ),
    usage(
        "usage.has-administrator",
        "A link for a first administrator is made only while there is no administrator.",
        "Use sealgate users add, or sealgate users link LOGIN.",
    ),
)
