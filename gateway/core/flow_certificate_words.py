"""The words of a contract flow's certificate, in two languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.core.flow_events import FlowEventKind, FlowState, StepState
from gateway.core.notice_settings import Language

_K, _S = FlowEventKind, StepState


@dataclass(frozen=True)
class CertificateWords:
    """Everything that a certificate says by itself."""

    tag: str
    """BCP 47."""
    completed: str
    """Its title."""
    ended: str
    """The title of one about a flow that came to nothing."""
    facts: Mapping[str, str]
    states: Mapping[str, str]
    events: Mapping[str, str]
    parts: Mapping[str, str]
    """Headings."""
    columns: Mapping[str, str]
    user: str
    group: str
    by: str
    entry: str
    dropped: str
    signed: str
    outside: str
    certificate: str
    signer: str
    bytes: str
    digest: str
    attached: str
    utc: str
    check: str
    page: str


WORDS = {
    Language.ENGLISH: CertificateWords(
        tag="en",
        completed="Certificate of completion",
        ended="Record of a contract flow",
        facts={
            "document": "Document",
            "flow": "Contract flow",
            "number": "Number",
            "outcome": "Outcome",
            "begun": "Begun",
            "fields": "Ticket",
            "original": "Original",
            "contract": "Contract",
            "definition": "Definition",
            "data": "Data",
        },
        states={
            FlowState.COMPLETED: "Completed",
            FlowState.REJECTED: "Rejected",
            FlowState.EXPIRED: "Expired",
            FlowState.WITHDRAWN: "Withdrawn",
            _S.PENDING: "not reached",
            _S.OPEN: "not done",
            _S.RELEASED: "released",
            _S.SEALING: "not sealed",
            _S.DONE: "done",
            _S.SKIPPED: "left out",
            _S.REJECTED: "rejected",
            _S.EXPIRED: "not in time",
        },
        events={
            _K.BEGUN: "Flow begun",
            _K.OPENED: "Step opened",
            _K.SKIPPED: "Step left out",
            _K.REMINDED: "Reminded",
            _K.ESCALATED: "Escalated",
            _K.DELEGATED: "Handed on",
            _K.APPROVED: "Agreed",
            _K.RELEASED: "Seal released",
            _K.RETURNED: "Signed outside",
            _K.STEP_REJECTED: "Step rejected",
            _K.STEP_EXPIRED: "Step expired",
            _K.SEAL_BEGUN: "Sealing begun",
            _K.SEAL_FAILED: "Sealing failed",
            _K.SEALED: "Sealed",
            _K.EXTENSION_BEGUN: "Extending begun",
            _K.EXTENSION_FAILED: "Extending failed",
            _K.EXTENDED: "Extended",
            _K.COMPLETED: "Flow completed",
            _K.REJECTED: "Flow rejected",
            _K.EXPIRED: "Flow expired",
            _K.WITHDRAWN: "Flow withdrawn",
        },
        parts={
            "path": "Path",
            "parties": "Parties",
            "acts": "What happened",
            "revisions": "Revisions of the document",
            "seals": "Seals and signatures",
        },
        columns={
            "at": "Time",
            "event": "Event",
            "step": "Step",
            "actor": "Who",
            "entry": "Log entry",
            "revision": "Revision",
            "made": "Made by",
        },
        user="user {name}",
        group="group {name}",
        by="{at}, by {name}",
        entry="log entry {entry}, hash {hash}",
        dropped="as it was when the flow began",
        signed="Seal: {look}, job {job}, credential {credential} at {service}",
        outside="Signed outside with the party's own tool",
        certificate="Certificate: {signer}, serial {serial}, SHA-256 {fingerprint}",
        signer="Certificate: {signer}, SHA-256 {fingerprint}",
        bytes="document {hash}",
        digest="Signed digest {digest}",
        attached="evidence.json, attached to this file; SHA-256 {hash}",
        utc="All times are UTC; all hashes are SHA-256.",
        check="sealgate flows verify holds the data against the signing log and the contract.",
        page="{page} / {pages}",
    ),
    Language.CHINESE: CertificateWords(
        tag="zh-Hans",
        completed="签署完成证明",
        ended="合同流程记录",
        facts={
            "document": "文件",
            "flow": "合同流程",
            "number": "编号",
            "outcome": "结果",
            "begun": "发起",
            "fields": "随附信息",
            "original": "原件",
            "contract": "合同",
            "definition": "流程定义",
            "data": "数据",
        },
        states={
            FlowState.COMPLETED: "已完成",
            FlowState.REJECTED: "已拒绝",
            FlowState.EXPIRED: "已过期",
            FlowState.WITHDRAWN: "已撤回",
            _S.PENDING: "未到达",
            _S.OPEN: "未办理",
            _S.RELEASED: "已放行",
            _S.SEALING: "未盖章",
            _S.DONE: "完成",
            _S.SKIPPED: "跳过",
            _S.REJECTED: "拒绝",
            _S.EXPIRED: "逾期",
        },
        events={
            _K.BEGUN: "流程开始",
            _K.OPENED: "步骤开始",
            _K.SKIPPED: "步骤跳过",
            _K.REMINDED: "催办",
            _K.ESCALATED: "升级",
            _K.DELEGATED: "转交",
            _K.APPROVED: "同意",
            _K.RELEASED: "放行用印",
            _K.RETURNED: "外部签署",
            _K.STEP_REJECTED: "步骤被拒绝",
            _K.STEP_EXPIRED: "步骤逾期",
            _K.SEAL_BEGUN: "开始盖章",
            _K.SEAL_FAILED: "盖章失败",
            _K.SEALED: "已盖章",
            _K.EXTENSION_BEGUN: "开始长期化",
            _K.EXTENSION_FAILED: "长期化失败",
            _K.EXTENDED: "已长期化",
            _K.COMPLETED: "流程完成",
            _K.REJECTED: "流程被拒绝",
            _K.EXPIRED: "流程过期",
            _K.WITHDRAWN: "流程撤回",
        },
        parts={
            "path": "路径",
            "parties": "各方",
            "acts": "经过",
            "revisions": "文件版本",
            "seals": "印章与签名",
        },
        columns={
            "at": "时间",
            "event": "事件",
            "step": "步骤",
            "actor": "办理人",
            "entry": "日志条目",
            "revision": "版本",
            "made": "形成于",
        },
        user="用户 {name}",
        group="用户组 {name}",
        by="{at}，{name}",
        entry="日志条目 {entry}，哈希 {hash}",
        dropped="流程开始时的文件",
        signed="印章：{look}，任务 {job}，{service} 的凭证 {credential}",
        outside="由该方用自己的工具在外部签署",
        certificate="证书：{signer}，序列号 {serial}，SHA-256 {fingerprint}",
        signer="证书：{signer}，SHA-256 {fingerprint}",
        bytes="文件 {hash}",
        digest="所签摘要 {digest}",
        attached="evidence.json，附于本文件；SHA-256 {hash}",
        utc="所有时间均为 UTC，所有哈希均为 SHA-256。",
        check="用 sealgate flows verify 可将数据与签署日志及合同核对。",
        page="{page} / {pages}",
    ),
}
