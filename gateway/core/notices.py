"""What of the signing log is told, and who wants to know it.

An entry is told by what it says at the time it is looked at; a job's facts are added, of which
the entry's own go first, since a job may have gone on since.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields

from gateway.core.chain import LogEntry
from gateway.core.error_codes import CODES
from gateway.core.job import Job
from gateway.core.matching import matches_glob
from gateway.core.names import display
from gateway.core.notice_settings import MailTarget, NoticeKind, Subscription

_KINDS = {
    "result.delivered": NoticeKind.DELIVERED,
    "job.failed": NoticeKind.FAILED,
    "hold.opened": NoticeKind.HELD,
    "hold.closed": NoticeKind.RESUMED,
    "quota.low": NoticeKind.QUOTA,
    "quota.running-out": NoticeKind.QUOTA,
    "credential.expiring": NoticeKind.CERTIFICATE,
    "credential.revoked": NoticeKind.CERTIFICATE,
    "sweep.ended": NoticeKind.SWEEP,
    "request.filed": NoticeKind.REQUEST,
    "step.opened": NoticeKind.TURN,
    "step.delegated": NoticeKind.TURN,
    "step.reminded": NoticeKind.REMINDER,
    "step.escalated": NoticeKind.ESCALATED,
    "act.refused": NoticeKind.REFUSED,
    "flow.completed": NoticeKind.ENDED,
    "flow.rejected": NoticeKind.ENDED,
    "flow.expired": NoticeKind.ENDED,
    "flow.withdrawn": NoticeKind.ENDED,
}
"""Entries that are told. `notice.dead` must never be one of them: it would feed on itself."""

_INBOX = "inbox:"
_LONGEST_DETAIL = 1000
"""Characters."""


@dataclass(frozen=True)
class Notice:
    """One thing that happened, with what a reader needs to act; all texts are printable."""

    id: str
    """The same whenever this is told again; another for every other notice."""
    event: str
    """A `NoticeKind`."""
    at: str
    """UTC, ISO 8601 with Z."""
    site: str
    inbox: str = ""
    source: str = ""
    """Path below the inbox."""
    job: str = ""
    rule: str = ""
    subject: str = ""
    """What is held, or the service that is concerned."""
    code: str = ""
    """Stable error code."""
    sentence: str = ""
    remedy: str = ""
    result: str = ""
    """Path of the result, or of the original in failed/."""
    flow: str = ""
    """Name of the contract flow; the job is that of its document."""
    step: str = ""
    party: str = ""
    """Whom it concerns, as people call them."""
    due: str = ""
    """Until when the step waits; UTC, ISO 8601."""
    mail: str = ""
    """Addresses of those whom it concerns, by spaces."""


def job_of(entry: LogEntry) -> str:
    """Return the id of the job whose facts belong to an entry that is told, or nothing."""
    return entry.job if entry.event in _KINDS else ""


def notice_of(entry: LogEntry, job: Job | None, site: str) -> Notice | None:
    """Return what to tell of an entry of the log, or None."""
    kind = _KINDS.get(entry.event)
    if kind is None or (kind is NoticeKind.DELIVERED and job is not None and job.of_step):
        return None  # a seal of a flow's step is no result yet
    details = dict(entry.details)
    subject = details.get("subject") or details.get("service", "")
    if kind is NoticeKind.HELD and subject.startswith(_INBOX):
        kind = NoticeKind.MOUNT
    inbox = subject.removeprefix(_INBOX) if subject.startswith(_INBOX) else ""
    notice = Notice(
        id=entry.hash[:32],
        event=kind.value,
        at=entry.at,
        site=display(site),
        inbox=details.get("inbox", inbox),
        subject=subject,
        sentence=_said(details),
    )
    return _with_code(_with_job(notice, details, job), kind, details, job)


def _with_job(notice: Notice, details: dict[str, str], job: Job | None) -> Notice:
    if job is None:
        return notice
    path = details.get("path") or (job.delivered if notice.event == "delivered" else job.returned)
    more = {
        "inbox": job.inbox,
        "source": display(job.source),
        "job": job.id,
        "rule": display(job.rule),
        "result": display(path),
    }
    return Notice(**(asdict(notice) | more))


def _with_code(
    notice: Notice, kind: NoticeKind, details: dict[str, str], job: Job | None
) -> Notice:
    code = details.get("code", "")
    entry = CODES.get(code)
    if entry is None:
        return notice
    own = job.detail if job is not None and job.code == code else details.get("detail", "")
    detail = display(own)[:_LONGEST_DETAIL]
    more = {"code": code, "sentence": f"{entry.meaning} ({detail})" if detail else entry.meaning}
    if kind is not NoticeKind.RESUMED:
        more["remedy"] = entry.remedy
    return Notice(**(asdict(notice) | more))


def _said(details: dict[str, str]) -> str:
    """Return what an entry without an error code says of itself."""
    if "what" in details:
        return details["what"][:_LONGEST_DETAIL]
    if "left" in details and "bought" in details:
        return f"{details['left']} of {details['bought']} left"
    if "code" in details:
        return ""
    return "; ".join(f"{key} {value}" for key, value in details.items())[:_LONGEST_DETAIL]


def wants(subscription: Subscription, notice: Notice) -> bool:
    """Tell whether a notice is to be told to a subscription.

    A notice that is of no inbox or of no rule, such as the hold of a service, passes their globs.
    One that would reach nobody is not.
    """
    target = subscription.target
    reaches = not isinstance(target, MailTarget) or bool(target.recipients or notice.mail)
    return (
        reaches
        and notice.event in subscription.kinds
        and _fits(notice.inbox, subscription.inboxes)
        and _fits(notice.rule, subscription.rules)
    )


def _fits(value: str, globs: tuple[str, ...]) -> bool:
    return not value or not globs or any(matches_glob(value, glob) for glob in globs)


def facts(notice: Notice) -> dict[str, str]:
    """Return every fact of a notice by its name."""
    return {field.name: getattr(notice, field.name) for field in fields(notice)}


def from_facts(value: dict[str, object]) -> Notice:
    """Read what `facts` gave; what is not known any more is left out."""
    known = {field.name for field in fields(Notice)}
    return Notice(**{key: str(text) for key, text in value.items() if key in known})
