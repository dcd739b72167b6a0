"""Codes about documents: intake, PDF, places, the release gate, tickets, batches, results."""

SAVE_ANEW = "请用制作该文件的程序打开，另存为新的 PDF 后重新放入。"
_ASK_RULES = "请检查规则，然后使用 sealgate retry。"
_REPORT = "请附上任务编号报告此问题。"

DOCUMENTS = {
    "intake.not-a-pdf": ("该文件不是 PDF。", "请导出为 PDF 后重新放入。"),
    "intake.empty": ("该文件没有内容。", "复制被中断，请重新放入该文件。"),
    "intake.too-large": ("该文件超过本站允许的大小。", "请拆分文件，或联系管理员提高上限。"),
    "intake.duplicate": (
        "同一份文件此前已按该规则盖章。",
        "请使用先前的结果，它在所列任务的归档中；"
        "或在规则中写 duplicates: again 或 return，然后使用 sealgate retry。",
    ),
    "intake.duplicate-under-way": (
        "同一份文件正在按该规则盖章。",
        "无需处理：结果完成后会再次给出。",
    ),
    "intake.inbox-removed": (
        "随文件而来的附件已被领取，文件本身没有，而其收件箱已不在 gateway.yaml 中。",
        "请把该收件箱写回 gateway.yaml 并重新启动，附件会放回原处；或移走所列的文件。",
    ),
    "pdf.truncated": ("该 PDF 不完整，缺少结尾。", "复制可能被中断，请从来源重新放入。"),
    "pdf.unreadable": ("无法读取该 PDF 的结构。", SAVE_ANEW),
    "pdf.unsafe-structure": ("该 PDF 的结构自相矛盾，改动可能损坏内容。", SAVE_ANEW),
    "pdf.not-repairable": ("无法在不改变内容的情况下修复该 PDF 的结构。", SAVE_ANEW),
    "pdf.no-pages": ("该 PDF 没有可以盖章的页面。", SAVE_ANEW),
    "pdf.page-tree": ("该 PDF 的页面列表自相矛盾。", SAVE_ANEW),
    "pdf.unsupported": ("该 PDF 使用了无法安全盖章的功能。", SAVE_ANEW),
    "pdf.encrypted": (
        "该 PDF 已加密，没有密码无法盖章。",
        "请另存为未加密的文件，或联系管理员登记密码。",
    ),
    "pdf.unrenderable": ("该 PDF 无法绘制，因此无法核对印章的位置。", SAVE_ANEW),
    "pdf.finding-refused": (
        "该 PDF 含有其规则不允许盖章的内容。",
        "请向发送人索取不含该内容的文件，或在规则的 allow 中写明；各项含义见 docs/examination.md。",
    ),
    "pdf.too-costly": (
        "处理该 PDF 所需的时间或内存超过单个文件的上限。",
        "请另存为更简单的 PDF，或联系管理员提高上限。",
    ),
    "pdf.dynamic-xfa": (
        "该 PDF 是 XFA 表单，其页面由阅读器生成。",
        "请把填写好的表单打印为 PDF 后放入。",
    ),
    "pdf.certified-no-changes": (
        "该 PDF 已被作者认证，不允许再修改。",
        "请向作者索取允许签名的版本。",
    ),
    "pdf.earlier-signature-broken": (
        "该 PDF 中已有的签名与内容不符。",
        "请勿使用该文件，向发送者索取完整的版本。",
    ),
    "pdf.earlier-signature-affected": (
        "盖章会破坏该 PDF 中已有的签名、认证或锁定。",
        "请先签者允许后续签名，或在他人签名之前盖章。",
    ),
    "pdf.usage-rights": (
        "该 PDF 授予阅读者的权限会因盖章而失效。",
        "请向作者索取未启用阅读者扩展的版本，或打印为新的 PDF。",
    ),
    "pdf.cannot-extend": (
        "该文件的结构不允许在签名之后追加验证数据。",
        "请使用 B-T 级别盖章，或重新制作该文件。",
    ),
    "pdf.field-demands": (
        "签名域提出了本印章无法满足的要求。",
        "请修改规则的 profile，或请作者修改签名域。",
    ),
    "pdf.claims-lost": (
        "盖章会使该文件所声明的标准不再成立，而规则要求保持。",
        "请使用不透明且嵌入字体的印章图样，或从规则中去掉 keep。",
    ),
    "rules.no-match": (
        "没有适用于该文件的规则。",
        "请查看回执中的判断过程，增加或修改规则，然后使用 sealgate retry。",
    ),
    "plan.page-missing": ("规则指定的页面不存在。", _ASK_RULES),
    "plan.seal-off-page": ("印章会超出页面。", "请调整边距或偏移，或使用更小的印章。"),
    "plan.seal-too-small": (
        "按该位置所要的尺寸，印章无法看清。",
        "请写一个使印章宽和高至少为 5 毫米的宽度。",
    ),
    "plan.size-fixed": (
        "该印章只能以自身的尺寸显示。",
        "请从该位置去掉 width，或请保管人放开：sealgate seals change 名称 --any-size。",
    ),
    "plan.text-not-found": ("没有找到用于定位印章的文字。", "请检查规则的 find；扫描页没有文字。"),
    "plan.no-text": (
        "该文件的页面完全没有文字，可能是扫描件。",
        "请为该位置写 fallback，或先对扫描件做文字识别。",
    ),
    "plan.anchor-missing": (
        "文件中没有用于定位印章的表单域或批注。",
        "请检查规则的 find；sealgate explain --json 会列出表单域和批注。",
    ),
    "plan.no-free-place": (
        "页面上没有足够大的空白位置。",
        "请去掉 avoid，使用更小的印章，或为该位置写 fallback。",
    ),
    "plan.too-few-pages": (
        "骑缝章至少需要两页。",
        "请让规则匹配 pages: '>=2'，或为该位置写 fallback: skip。",
    ),
    "plan.type-unknown": (
        "规则的表格中没有该类文件的行，也没有其他情况的行。",
        "请在表格中增加一行，或增加 otherwise:。",
    ),
    "plan.nowhere": (
        "规则中用于签名的印章在该文件中没有位置。",
        "请为其中一个位置写始终可用的 fallback。",
    ),
    "plan.too-many-places": ("规则给出的盖章位置超过单个文件的上限。", "请减少页数或出现次数。"),
    "plan.stamps-after-signature": (
        "该文件已有签名，在第二处盖章会破坏该签名。",
        "请让规则对已签名的文件只盖一处：match: {signatures: any}。",
    ),
    "plan.field-missing": (
        "该文件没有规则所指的空签名域。",
        "请检查规则的位置；sealgate explain 会列出空签名域。",
    ),
    "plan.field-signed": (
        "规则所指的签名域已经签名。",
        "请让规则使用另一个签名域，或按签名数量匹配。",
    ),
    "plan.field-ambiguous": ("该文件有多个空签名域。", "请在规则的位置中写明签名域的名称。"),
    "plan.field-unusable": (
        "该签名域无法容纳印章。",
        "请让规则把印章放在别处，或请作者修正该签名域。",
    ),
    "plan.cannot-certify": (
        "规则要求认证，但该文件已有签名。",
        "请让规则只匹配未签名的文件，或去掉 certify。",
    ),
    "plan.profile-not-possible": (
        "规则的 profile 要求的签名属性，所用服务不允许加入。",
        "请从规则的 profile 中去掉 commitment 和 policy，或使用另一个服务。",
    ),
    "gate.original-changed": (
        "盖章后的文件不以原文件的字节开头，未予放行。",
        "请附上任务编号报告：这是缺陷或磁盘损坏。",
    ),
    "gate.signature-invalid": (
        "新签名未通过验证，文件未予放行。",
        "请运行 sealgate services test；若成功，请附上任务编号报告。",
    ),
    "gate.signer-unexpected": (
        "签名所用证书与计划不符，文件未予放行。",
        "请对照服务检查 gateway.yaml 中的凭据，然后使用 sealgate retry。",
    ),
    "gate.signer-untrusted": (
        "签名者的证书不能追溯到本站的信任锚。",
        "请把签发机构加入 gateway.yaml 的 trust.anchors，然后使用 sealgate retry。",
    ),
    "gate.seal-misplaced": ("印章不在计划的页面和位置上，文件未予放行。", _REPORT),
    "gate.earlier-signature-affected": (
        "已有的签名不再有效，文件未予放行。",
        "请对没有该签名的版本盖章，或附上任务编号报告。",
    ),
    "gate.page-changed": ("印章以外的页面内容有变化，文件未予放行。", SAVE_ANEW),
    "sign.given-up": (
        "签名服务反复拒绝该文件的摘要，而其他摘要均被接受。",
        "请使用 sealgate retry；若再次失败，请向签名服务报告。",
    ),
    "sign.answer-too-large": (
        "服务的应答超过文件中预留的空间。",
        "请使用 sealgate retry：digest-cms 服务会以更大的空间重新签名，"
        "因为旧的 CMS 放不进任何文件。若再次失败，请附上任务编号报告。",
    ),
    "archive.missing": (
        "归档的文件不在原处。",
        "请从备份恢复；下一次 sweep --renew 会更新其时间戳。",
    ),
    "archive.foreign": (
        "任务的归档文件夹中有不是 Sealgate 放入的内容。",
        "请查看并移走；下一次 sealgate archive purge 会删除该文件夹。",
    ),
    "ticket.unreadable": (
        "无法读懂文件旁的工单。",
        "请按提示更正 failed/ 中的工单，然后使用 sealgate retry；各键见 docs/tickets.md。",
    ),
    "ticket.not-permitted": (
        "工单要求了规则不允许由工单选择的内容。",
        "请只要求允许的内容，或请规则作者在 tickets: 下放开。",
    ),
    "ticket.wrong-hash": (
        "该工单是为另一份文件写的：其 sha256 与文件不符。",
        "请放入文件和为它写的工单。",
    ),
    "ticket.missing": (
        "该文件带来的工单不见了。",
        "请把工单放到 failed/ 中的文件旁，然后使用 sealgate retry。",
    ),
    "tickets.taken": ("该文件已有工单。", "请移走或修改该工单；从不覆盖任何内容。"),
    "tickets.other-rule": ("该文件匹配另一条规则。", "请在页面上选择那条规则，并在那里放置印章。"),
    "batch.unreadable": (
        "无法读懂批次清单。",
        "请按提示更正 failed/ 中的清单，然后使用 sealgate retry；各列见 docs/batches.md。",
    ),
    "batch.ended": (
        "列出该文件的批次已经结束，其中没有该文件。",
        "请放入另一份列出它的清单。",
    ),
    "batch.under-way": ("该批次的文件尚未全部到齐或处理完。", "无需处理：完成后自动给出报告。"),
    "deliver.name-taken": (
        "发件箱中已有同名的另一个文件，而规则不允许改名。",
        "请移走该文件及其回执，或在规则中写 deliver: {collisions: counter}；"
        "然后使用 sealgate retry，不会再次付费签名。",
    ),
    "deliver.word-missing": (
        "结果的名称或文件夹需要一个工单和文字中都没有的词。",
        "请写在工单中，或在规则中写 deliver: {otherwise: 文字}，然后使用 sealgate retry。",
    ),
}
"""Code → what it means, what to do."""
