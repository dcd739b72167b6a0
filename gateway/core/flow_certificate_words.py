"""What stands on a certificate of completion, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.core.notice_settings import Language


@dataclass(frozen=True)
class CertificateWords:
    """The words of one language; `{}` stands for a name."""

    tag: str = "en"
    title: str = "Certificate of completion"
    page: str = "page {page} of {pages}"
    state: str = "Ended"
    began: str = "Began"
    ended: str = "Ended at"
    contract: str = "SHA-256 at the end"
    original: str = "SHA-256 as it came"
    definition: str = "By definition"
    number: str = "Number"
    parties: str = "Parties"
    steps: str = "Steps"
    revisions: str = "Versions of the document"
    signatures: str = "Signatures in the document"
    acts: str = "What happened, and where the signing log has it"
    user: str = "user {}"
    group: str = "group {}"
    folder: str = "known by its folder"
    seal: str = "seal {}"
    as_it_came: str = "as it came"
    none: str = "none"
    good: str = "valid and trusted"
    bad: str = "not valid here"
    stamped: str = "time-stamped"
    certificate: str = "certificate"
    note: str = (
        "Each line names an entry of the signing log: its number, its hash and who acted. "
        "sealgate flows verify compares the evidence in JSON with the log and with the document."
    )
    states: Mapping[str, str] = field(
        default_factory=lambda: {
            "completed": "completed",
            "rejected": "rejected",
            "expired": "expired",
            "withdrawn": "called off",
            "running": "still running",
        }
    )
    step_states: Mapping[str, str] = field(
        default_factory=lambda: {
            "done": "done",
            "skipped": "left out",
            "pending": "never reached",
            "open": "waits",
            "released": "released",
            "sealing": "being sealed",
            "step-rejected": "rejected",
            "step-expired": "expired",
        }
    )
    kinds: Mapping[str, str] = field(
        default_factory=lambda: {
            "seal": "seal, by itself",
            "approve": "approval",
            "sign-outside": "signature with one's own tool",
            "review": "review",
        }
    )


WORDS = {
    Language.ENGLISH: CertificateWords(),
    Language.CHINESE: CertificateWords(
        tag="zh-Hans",
        title="合同完成证明",
        page="第 {page} 页，共 {pages} 页",
        state="结果",
        began="开始",
        ended="结束",
        contract="最终版本 SHA-256",
        original="原始版本 SHA-256",
        definition="流程定义",
        number="编号",
        parties="当事方",
        steps="步骤",
        revisions="文件版本",
        signatures="文件中的签名",
        acts="经过，以及在签名日志中的位置",
        user="用户 {}",
        group="组 {}",
        folder="以文件夹相识",
        seal="印章 {}",
        as_it_came="原始版本",
        none="无",
        good="有效且受信任",
        bad="在此无效",
        stamped="有时间戳",
        certificate="证书",
        note="每一行都指向签名日志的一个条目：编号、散列和操作人。"
        "sealgate flows verify 将 JSON 证据与日志和文件比对。",
        states={
            "completed": "已完成",
            "rejected": "已拒绝",
            "expired": "已过期",
            "withdrawn": "已撤回",
            "running": "进行中",
        },
        step_states={
            "done": "完成",
            "skipped": "已跳过",
            "pending": "未到",
            "open": "等待",
            "released": "已放行",
            "sealing": "盖章中",
            "step-rejected": "已拒绝",
            "step-expired": "已过期",
        },
        kinds={
            "seal": "自动盖章",
            "approve": "审批",
            "sign-outside": "用自己的工具签名",
            "review": "审阅",
        },
    ),
}
