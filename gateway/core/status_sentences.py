"""The Chinese sentences of the codes that people who drop documents meet most.

Other codes, and the details of a case, are shown in English, as everywhere else.
"""

from __future__ import annotations

from gateway.core.error_codes import CODES
from gateway.core.notice_settings import Language

_SAVE_ANEW = "请用制作该文件的程序打开，另存为新的 PDF 后重新放入。"
_BY_ITSELF = "请检查网络和服务状态；恢复后自动继续。"
_RULES = "请联系管理员检查规则，然后使用 sealgate retry。"

CHINESE = {
    "intake.not-a-pdf": ("该文件不是 PDF。", "请导出为 PDF 后重新放入。"),
    "intake.empty": ("该文件没有内容。", "复制被中断，请重新放入该文件。"),
    "intake.too-large": ("该文件超过本站允许的大小。", "请拆分文件，或联系管理员提高上限。"),
    "pdf.truncated": ("该 PDF 不完整，缺少结尾。", "复制可能被中断，请从来源重新放入。"),
    "pdf.unreadable": ("无法读取该 PDF 的结构。", _SAVE_ANEW),
    "pdf.unsafe-structure": ("该 PDF 的结构自相矛盾，改动可能损坏内容。", _SAVE_ANEW),
    "pdf.no-pages": ("该 PDF 没有可以盖章的页面。", _SAVE_ANEW),
    "pdf.unsupported": ("该 PDF 使用了无法安全盖章的功能。", _SAVE_ANEW),
    "pdf.encrypted": (
        "该 PDF 已加密，没有密码无法盖章。",
        "请另存为未加密的文件，或联系管理员登记密码。",
    ),
    "pdf.certified-no-changes": (
        "该 PDF 已被作者认证，不允许再修改。",
        "请向作者索取允许签名的版本。",
    ),
    "pdf.earlier-signature-broken": (
        "该 PDF 中已有的签名与内容不符。",
        "请勿使用该文件，向发送者索取完整的版本。",
    ),
    "rules.no-match": ("没有适用于该文件的规则。", _RULES),
    "plan.page-missing": ("规则指定的页面不存在。", _RULES),
    "plan.text-not-found": ("没有找到用于定位印章的文字。", _RULES),
    "plan.seal-off-page": ("印章会超出页面。", _RULES),
    "seal.awaiting-approval": (
        "该印章每次使用都需要审批，尚未审批。",
        "请印章保管人审批（sealgate seals approve）。",
    ),
    "seal.limit-reached": ("该印章已达到使用次数上限。", "无需处理：下一周期自动继续。"),
    "seal.use-rejected": ("审批人拒绝了本次用章。", "请联系印章保管人。"),
    "batch.unreadable": (
        "无法读懂批次清单。",
        "请按提示更正 failed/ 中的清单，然后使用 sealgate retry。",
    ),
    "batch.under-way": ("该批次的文件尚未全部到齐或处理完。", "无需处理：完成后自动给出报告。"),
    "batch.ended": ("列出该文件的批次已结束，未包含它。", "请投放另一份列出它的清单。"),
    "service.unreachable": ("无法连接签名服务。", _BY_ITSELF),
    "service.no-answer": ("签名服务没有应答。", "自动继续，无需处理。"),
    "service.busy": ("签名服务要求等待。", "无需处理：自动继续。"),
    "service.failed": ("签名服务报告自身故障。", _BY_ITSELF),
    "service.out-of-quota": (
        "签名服务的预付额度已用完。",
        "请管理员购买并登记额度。",
    ),
    "tsa.unreachable": ("无法连接时间戳服务。", "请检查网络；恢复后自动继续，不会重复购买签名。"),
    "tsa.refused": ("时间戳服务拒绝了请求。", "请检查 gateway.yaml 中的地址和登录信息。"),
    "tsa.untrusted": (
        "本站不信任该时间戳服务。",
        "请将其上级证书加入 gateway.yaml 的 trust: anchors。",
    ),
    "usage.report-under-way": ("正在生成另一份报告。", "请稍后再试。"),
    "usage.wrong-time": ("这不是日期或时间。", "请写成 2026-01-31 或 2026-01-31T14:00（UTC）。"),
    "site.font-missing": ("缺少所需的字体。", "请管理员安装字体，之后自动继续。"),
    "site.disk-full": ("磁盘已满。", "请管理员清理空间，之后自动继续。"),
    "site.denied": ("无法读写某个文件夹。", "请管理员检查权限，之后自动继续。"),
    "site.folder-missing": ("缺少某个文件夹。", "请管理员恢复该文件夹，之后自动继续。"),
}
"""Code → what it means, what to do."""


def sentence_and_remedy(code: str, language: Language) -> tuple[str, str]:
    """Return what a code means and what to do, in a language as far as there are words."""
    if language is Language.CHINESE and code in CHINESE:
        return CHINESE[code]
    return CODES[code].meaning, CODES[code].remedy
