"""The words of the status page in both languages, and how it looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.core.notice_settings import Language

REFRESH_SECONDS = 10


@dataclass(frozen=True)
class Words:
    """Everything the page says by itself."""

    titles: Mapping[str, str]
    idle: str
    busy: str
    paused: str
    not_running: str
    since: str
    why: str
    remedy: str
    place: str
    more: str
    subjects: Mapping[str, str]
    """What can stop a whole inbox."""
    arriving: Mapping[str, str]
    """Why a file is not taken yet → the same in this language; nothing where it is the same."""
    note: str


WORDS = {
    Language.ENGLISH: Words(
        titles={
            "stopped": "Stopped",
            "failed": "Not sealed, last 7 days",
            "held": "Waiting, on hold",
            "sealing": "Being sealed",
            "arriving": "Arriving",
        },
        idle="Ready: nothing waits.",
        busy="Working: {count} waiting or under way.",
        paused="Paused: see below. Documents are kept, and sealed later.",
        not_running="Sealgate is not running. Documents are sealed when it runs again.",
        since="Since",
        why="Why",
        remedy="What to do",
        place="Lies in",
        more="… and {count} more",
        subjects={"site": "Everything", "inbox": "This inbox", "remote": "The remote folder"},
        arriving={},
        note="Sealgate writes this page whenever something changes; it is never sealed.",
    ),
    Language.CHINESE: Words(
        titles={
            "stopped": "已停止",
            "failed": "未盖章（最近 7 天）",
            "held": "等待中（已暂停）",
            "sealing": "正在盖章",
            "arriving": "正在接收",
        },
        idle="就绪：没有等待的文件。",
        busy="工作中：{count} 个文件等待或处理中。",
        paused="已暂停：见下。文件会保留，稍后盖章。",
        not_running="Sealgate 未运行。恢复运行后将继续盖章。",
        since="自",
        why="原因",
        remedy="处理办法",
        place="位置",
        more="……另有 {count} 个",
        subjects={"site": "全部", "inbox": "本收件夹", "remote": "远程文件夹"},
        arriving={
            "still changing": "仍在变化",
            "still open for writing": "仍有程序在写入",
            "no end-of-file mark yet": "尚无文件结束标记",
        },
        note="本页由 Sealgate 在状态变化时更新，不会被盖章。",
    ),
}

STYLE = """
:root{--ink:#1d2433;--soft:#5d6678;--paper:#f5f6f9;--card:#fff;--line:#dfe3ea;
--good:#1a7f4b;--bad:#b3261e;--wait:#9a6200}
@media(prefers-color-scheme:dark){:root{--ink:#e7eaf1;--soft:#9aa4b8;--paper:#12151c;
--card:#1b202b;--line:#2d3442;--good:#5ccb8f;--bad:#ff8a80;--wait:#f0b354}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:56rem;padding:1.5rem;background:var(--paper);color:var(--ink);
font:16px/1.5 system-ui,"Noto Sans CJK SC","Microsoft YaHei",sans-serif}
header{display:flex;gap:1rem;align-items:baseline;flex-wrap:wrap}
h1{margin:0;font-size:1.6rem}header p,.since,footer,time{color:var(--soft)}
header p,.since{margin:0}.since,footer,time{font-size:.875rem}
.state{margin:1rem 0 .25rem;padding:.75rem 1rem;border-radius:.5rem;background:var(--card);
border-left:.3rem solid var(--good);font-weight:600}.state.bad{border-color:var(--bad)}
section{margin:1.25rem 0;background:var(--card);border:1px solid var(--line);border-radius:.5rem}
h2{margin:0;padding:.6rem 1rem;font-size:1rem;border-bottom:1px solid var(--line)}
h2 span{color:var(--soft);font-weight:400}
.failed h2,.stopped h2{color:var(--bad)}.held h2{color:var(--wait)}
ul{list-style:none;margin:0;padding:0}li{padding:.6rem 1rem;overflow-wrap:anywhere}
li+li{border-top:1px solid var(--line)}time{white-space:nowrap;margin-left:.5rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem .75rem;margin:.3rem 0 0}
dt{color:var(--soft)}dd{margin:0}
"""
