"""The words of cover notes, in the languages of a site."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.core.flow_definition import StepKind
from gateway.core.flow_events import StepState
from gateway.core.notice_settings import Language

_S = StepState


@dataclass(frozen=True)
class Words:
    """What a cover note says; `approve`, `sign` and `reject` are HTML."""

    document: str
    flow: str
    step: str
    party: str
    due: str
    no_deadline: str
    begun_by: str
    number: str
    way: str
    approve: str
    sign: str
    reject: str
    asks: dict[StepKind, str]
    states: dict[str, str]


WORDS = {
    Language.ENGLISH: Words(
        document="Document",
        flow="Flow",
        step="Step",
        party="For",
        due="By",
        no_deadline="no deadline",
        begun_by="Begun by",
        number="Number",
        way="The whole way",
        approve="To agree, move the PDF file from <b>todo</b> to <b>approve</b>, unchanged.",
        sign="Sign the PDF file with your own tool, change nothing else, and put the signed file"
        " into <b>approve</b>.",
        reject="To refuse, move it to <b>reject</b>, with a text file of the same name (<code>.txt"
        "</code>) beside it that says why.",
        asks={
            StepKind.REVIEW: "Please read this document, and say that you have.",
            StepKind.APPROVE: "Please approve this document.",
            StepKind.SIGN_OUTSIDE: "Please sign this document and bring it back.",
            StepKind.SEAL: "",
        },
        states={
            _S.PENDING: "to come",
            _S.OPEN: "waits",
            _S.RELEASED: "released",
            _S.SEALING: "being sealed",
            _S.DONE: "done",
            _S.SKIPPED: "left out",
            _S.REJECTED: "rejected",
            _S.EXPIRED: "not in time",
        },
    ),
    Language.CHINESE: Words(
        document="文件",
        flow="流程",
        step="步骤",
        party="办理方",
        due="截止时间",
        no_deadline="无期限",
        begun_by="发起人",
        number="编号",
        way="全部步骤",
        approve="同意：将 PDF 文件从 <b>todo</b> 原样移到 <b>approve</b>。",
        sign="用您自己的工具签署该 PDF 文件，不作其他改动，然后把已签署的文件放入 <b>approve</b>。",
        reject="不同意：将文件移到 <b>reject</b>，并在旁边放一个同名文本文件（<code>.txt</code>）"
        "说明理由。",
        asks={
            StepKind.REVIEW: "请阅读此文件并确认。",
            StepKind.APPROVE: "请审批此文件。",
            StepKind.SIGN_OUTSIDE: "请签署此文件并交回。",
            StepKind.SEAL: "",
        },
        states={
            _S.PENDING: "未开始",
            _S.OPEN: "待办",
            _S.RELEASED: "已放行",
            _S.SEALING: "盖章中",
            _S.DONE: "完成",
            _S.SKIPPED: "跳过",
            _S.REJECTED: "已拒绝",
            _S.EXPIRED: "逾期",
        },
    ),
}
