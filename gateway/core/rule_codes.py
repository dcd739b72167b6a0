"""What can be wrong with changing a rule by the console or the command line."""

from __future__ import annotations

from gateway.core.error_code import usage

RULE_CODES = (
    usage(
        "usage.wrong-question",
        "The page asked something that cannot be answered.",
        "Load the page again; if it happens again, report it with what you did.",
    ),
    usage(
        "rules.unknown",
        "There is no such rule, file of rules, or change of one.",
        "Look it up again: it may have been renamed or removed meanwhile.",
    ),
    usage(
        "rules.cannot-edit",
        "The file's layout does not let this rule be changed without touching others.",
        "Change the file in an editor: an anchor, an alias or an unusual layout is in the way.",
    ),
    usage(
        "rules.conflict",
        "The file of rules was changed meanwhile; nothing was written.",
        "Look at the rule as it is now, and make the change again.",
    ),
    usage(
        "rules.no-reason",
        "A change of a rule needs a reason.",
        "Say in a few words why: it goes into the signing log.",
    ),
    usage(
        "tickets.taken",
        "The document has a ticket already.",
        "Remove or change that ticket; nothing is ever overwritten.",
    ),
    usage(
        "tickets.other-rule",
        "Another rule matches this document.",
        "Choose that rule on the page, and place its seals there.",
    ),
)
