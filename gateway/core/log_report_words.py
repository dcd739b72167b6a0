"""The words of log reports, in two languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.core.log_query import LogOutcome
from gateway.core.log_report import Span
from gateway.core.notice_settings import Language


@dataclass(frozen=True)
class ReportWords:
    """Everything that a report says by itself."""

    tag: str
    """BCP 47."""
    title: str
    facts: Mapping[str, str]
    """Labels of the facts at the top."""
    filters: Mapping[str, str]
    everything: str
    open_end: str
    times: str
    counted: str
    shown: str
    whole: str
    broken: str
    head: str
    stamped: str
    unstamped: str
    outcomes: Mapping[LogOutcome, str]
    none: str
    sealed_by: Mapping[Span, str]
    entries_by: Mapping[Span, str]
    by_seal: str
    by_rule: str
    others: str
    nothing: str
    entries: str
    columns: tuple[str, str, str, str, str, str]
    page: str


WORDS = {
    Language.ENGLISH: ReportWords(
        tag="en",
        title="Signing log",
        facts={
            "period": "Period",
            "filters": "Filters",
            "asker": "Made for",
            "made": "Made",
            "entries": "Entries",
            "chain": "Chain",
            "stamp": "Time-stamp",
        },
        filters={
            "text": "words",
            "event": "event",
            "outcome": "outcome",
            "job": "job",
            "actor": "who",
        },
        everything="none: all entries of the period",
        open_end="…",
        times="Times are this machine's ({zone}).",
        counted="{found} entries about {documents} documents",
        shown="The {shown} newest of {found} entries are shown. Narrow the search to see the "
        "others, or export them as CSV or JSON.",
        whole="Whole: {entries} entries were hashed again; none is altered, missing or moved.",
        broken="NOT WHOLE: {flaws} flaws were found. The first: entry {entry}, {what}.",
        head="The last one is entry {entry}; its hash (SHA-256):",
        stamped="Entries up to {entry} of {head} existed at {time} ({authority}).",
        unstamped="None vouches for the log: whoever can write the ledger could have made it anew.",
        outcomes={
            LogOutcome.DELIVERED: "delivered",
            LogOutcome.FAILED: "failed",
            LogOutcome.HELD: "held",
            LogOutcome.REFUSED: "refused",
            LogOutcome.UNANSWERED: "unanswered",
            LogOutcome.EXPIRED: "expired",
            LogOutcome.WITHDRAWN: "withdrawn",
        },
        none="No entry tells of an outcome.",
        sealed_by={
            Span.DAY: "Delivered, by day",
            Span.WEEK: "Delivered, by week",
            Span.MONTH: "Delivered, by month",
        },
        entries_by={
            Span.DAY: "Entries, by day",
            Span.WEEK: "Entries, by week",
            Span.MONTH: "Entries, by month",
        },
        by_seal="Documents by seal",
        by_rule="Documents by rule",
        others="{count} others",
        nothing="–",
        entries="Entries",
        columns=("No.", "Time", "Event", "Document", "Who", "Outcome"),
        page="Page {page} of {pages}",
    ),
    Language.CHINESE: ReportWords(
        tag="zh-Hans",
        title="签章日志",
        facts={
            "period": "期间",
            "filters": "筛选条件",
            "asker": "申请人",
            "made": "生成时间",
            "entries": "记录",
            "chain": "日志链",
            "stamp": "时间戳",
        },
        filters={
            "text": "关键词",
            "event": "事件",
            "outcome": "结果",
            "job": "任务",
            "actor": "操作人",
        },
        everything="无：期间内的全部记录",
        open_end="…",
        times="时间为本机时区（{zone}）。",
        counted="{found} 条记录，涉及 {documents} 份文件",
        shown="仅列出 {found} 条记录中最新的 {shown} 条。其余请缩小检索范围，或导出 CSV 或 JSON。",
        whole="完整：已重新校验 {entries} 条记录，无篡改、缺失或乱序。",
        broken="不完整：发现 {flaws} 处问题。首个：第 {entry} 条，{what}。",
        head="末条为第 {entry} 条，其哈希（SHA-256）：",
        stamped="前 {entry} 条（共 {head} 条）在 {time} 已存在（{authority}）。",
        unstamped="无时间戳佐证：能写入账本的人可以重造整个日志。",
        outcomes={
            LogOutcome.DELIVERED: "已交付",
            LogOutcome.FAILED: "失败",
            LogOutcome.HELD: "已暂停",
            LogOutcome.REFUSED: "已拒绝",
            LogOutcome.UNANSWERED: "未应答",
            LogOutcome.EXPIRED: "已过期",
            LogOutcome.WITHDRAWN: "已撤回",
        },
        none="没有记录涉及结果。",
        sealed_by={
            Span.DAY: "每日交付数",
            Span.WEEK: "每周交付数",
            Span.MONTH: "每月交付数",
        },
        entries_by={
            Span.DAY: "每日记录数",
            Span.WEEK: "每周记录数",
            Span.MONTH: "每月记录数",
        },
        by_seal="按印章统计的文件数",
        by_rule="按规则统计的文件数",
        others="其他 {count} 项",
        nothing="–",
        entries="记录",
        columns=("序号", "时间", "事件", "文件", "操作人", "结果"),
        page="第 {page} 页，共 {pages} 页",
    ),
}
