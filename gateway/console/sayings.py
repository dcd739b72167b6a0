"""What the next page says about what was just done, by name: an address cannot put words there."""

from __future__ import annotations

from gateway.console.words import noted

SAYINGS = {
    "logged-out": noted("You are logged out."),
    "password-set": noted("The password is set; log in with it."),
    "password-changed": noted("The password is changed; other sessions are ended."),
    "token-withdrawn": noted("The token is withdrawn."),
    "sessions-ended": noted("The sessions are ended."),
    "password-wrong": noted("The password is wrong."),
    "code-wrong": noted("The code does not fit; begin anew."),
    "retried": noted("It will try again."),
    "released": noted("The hold is ended."),
    "approved": noted("The use is approved."),
    "rejected": noted("The use is rejected."),
    "filed": noted("It is asked for: another keeper has to confirm it."),
    "confirmed": noted("The request is confirmed, and done."),
    "refused": noted("The request is refused: nothing has changed."),
    "saved": noted("Saved."),
    "flow-approved": noted("Agreed. The contract goes on."),
    "flow-rejected": noted("Rejected, with your reason."),
    "flow-delegated": noted("Handed over."),
    "flow-returned": noted("The signed document is accepted."),
    "flow-withdrawn": noted("The contract is called off; nothing more is signed."),
    "flow-begun": noted("Handed over: the contract begins within seconds."),
}
BAD = frozenset({"password-wrong", "code-wrong"})
"""Of these, the ones that tell of something that did not work."""
