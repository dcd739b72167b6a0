"""The words of notices, in two languages, and the message that is made of one or several.

What a document, a folder or a service calls itself is put in as printable characters of one
line: a name can neither begin a line nor turn the direction of reading.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass

from gateway.core.notice_settings import Language, NoticeKind, Subscription
from gateway.core.notices import Notice, facts
from gateway.core.request_template import fill

PLACEHOLDERS = (
    "event",
    "site",
    "at",
    "inbox",
    "source",
    "job",
    "rule",
    "subject",
    "code",
    "sentence",
    "remedy",
    "result",
    "flow",
    "step",
    "party",
    "due",
    "id",
)
"""What subjects and texts may hold; each is a fact of a notice."""

_LONGEST_SUBJECT = 200
_MOST_IN_TEXT = 100
"""Notices whose texts a digest holds; the others are counted."""

_EVENTS = {
    Language.ENGLISH: {kind: kind.value for kind in NoticeKind},
    Language.CHINESE: {
        NoticeKind.DELIVERED: "已盖章",
        NoticeKind.FAILED: "失败",
        NoticeKind.HELD: "已暂停",
        NoticeKind.RESUMED: "已恢复",
        NoticeKind.QUOTA: "额度不足",
        NoticeKind.CERTIFICATE: "证书告警",
        NoticeKind.MOUNT: "收件夹不可用",
        NoticeKind.SWEEP: "批次结束",
        NoticeKind.REQUEST: "待复核",
        NoticeKind.TURN: "待办",
        NoticeKind.REMINDER: "催办",
        NoticeKind.ESCALATED: "升级",
        NoticeKind.REFUSED: "未被接受",
        NoticeKind.ENDED: "流程结束",
        NoticeKind.TEST: "测试",
    },
}
_LABELS = {
    Language.ENGLISH: {
        "at": "Time",
        "inbox": "Inbox",
        "source": "File",
        "job": "Job",
        "rule": "Rule",
        "subject": "Concerns",
        "code": "Code",
        "sentence": "What",
        "remedy": "To do",
        "result": "Lies in",
        "flow": "Flow",
        "step": "Step",
        "party": "For",
        "due": "Until",
    },
    Language.CHINESE: {
        "at": "时间",
        "inbox": "收件夹",
        "source": "文件",
        "job": "任务",
        "rule": "规则",
        "subject": "对象",
        "code": "代码",
        "sentence": "说明",
        "remedy": "处理",
        "result": "位置",
        "flow": "流程",
        "step": "步骤",
        "party": "办理方",
        "due": "截止时间",
    },
}
_SEVERAL = {Language.ENGLISH: "{count} notices", Language.CHINESE: "{count} 条通知"}
_MORE = {
    Language.ENGLISH: "… and {count} more: sealgate log search",
    Language.CHINESE: "……另有 {count} 条：sealgate log search",
}


@dataclass(frozen=True)
class Message:
    """What is handed to a target at once: one notice, or a digest of several."""

    id: str
    """The same at every attempt."""
    subject: str
    """One line."""
    text: str
    notices: tuple[Notice, ...]

    @property
    def mail(self) -> tuple[str, ...]:
        """Return the addresses of the parties whom it concerns."""
        found = (address for notice in self.notices for address in notice.mail.split())
        return tuple(dict.fromkeys(found))


def compose(subscription: Subscription, notices: tuple[Notice, ...]) -> Message:
    """Return the message that tells a subscription of one or several notices."""
    if len(notices) == 1:
        subject, text = _subject(subscription, notices[0]), _text(subscription, notices[0])
        name = notices[0].id
    else:
        subject, text = _subject_of_all(subscription, notices), _text_of_all(subscription, notices)
        name = hashlib.sha256(" ".join(one.id for one in notices).encode()).hexdigest()[:32]
    return Message(f"{name}-{subscription.name}", subject[:_LONGEST_SUBJECT], text, notices)


def one_line(text: str) -> str:
    r"""Return text with every character that is not printable written as `\uNNNN`."""
    return "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in text)


def _values(subscription: Subscription, notice: Notice) -> dict[str, str]:
    values = {name: one_line(value) for name, value in facts(notice).items()}
    words = _EVENTS[subscription.language]
    return values | {"event": words[NoticeKind(notice.event)]}


def _subject(subscription: Subscription, notice: Notice) -> str:
    values = _values(subscription, notice)
    if subscription.subject:
        return one_line(fill(subscription.subject, values))
    about = values["source"] or values["subject"] or values["inbox"]
    return f"[{values['site']}] {values['event']}" + (f": {about}" if about else "")


def _text(subscription: Subscription, notice: Notice) -> str:
    values = _values(subscription, notice)
    if subscription.text:
        return fill(subscription.text, values)
    labels = _LABELS[subscription.language]
    lines = [f"{labels[name]}: {values[name]}" for name in labels if values[name]]
    return "\n".join([f"{values['site']}: {values['event']}", *lines])


def _subject_of_all(subscription: Subscription, notices: tuple[Notice, ...]) -> str:
    words = _EVENTS[subscription.language]
    counted = Counter(words[NoticeKind(one.event)] for one in notices)
    kinds = ", ".join(f"{count} {word}" for word, count in counted.most_common())
    several = _SEVERAL[subscription.language].format(count=len(notices))
    return one_line(f"[{notices[0].site}] {several}: {kinds}")


def _text_of_all(subscription: Subscription, notices: tuple[Notice, ...]) -> str:
    texts = [_text(subscription, one) for one in notices[:_MOST_IN_TEXT]]
    left = len(notices) - len(texts)
    if left:
        texts.append(_MORE[subscription.language].format(count=left))
    return "\n\n".join(texts)
