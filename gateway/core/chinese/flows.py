"""Codes about contract flows, and about documents that come back signed."""

_KEPT = "发出的文件仍在 todo/ 中：请只对该文件签名，不作其他更改。"

FLOWS = {
    "flow.ticket-field": (
        "流程需要工单中没有写明的内容。",
        "请写在文件旁工单的 fields: 下，然后重新放入两者。",
    ),
    "flow.field-missing": (
        "文件缺少流程某一步骤要使用的签名域。",
        "请使用正确的文件，或为该步骤的签名域写明位置，以便自动建立。",
    ),
    "flow.field-signed": (
        "流程某一步骤要使用的签名域已经签名。",
        "请用该签名域为空的文件开始流程。",
    ),
    "flow.field-taken": (
        "文件中已有与流程所需签名域同名的表单域。",
        "请在流程定义中为该步骤的签名域另取名称。",
    ),
    "flow.stopped": (
        "合同流程在盖此章之前已结束；没有产生费用。",
        "无需处理：sealgate flows show 流程 会说明结束的原因。",
    ),
    "flow.not-extended": (
        "在流程必须结束之前，未能为合同补充长期验证数据。",
        "合同已按签署时的状态发出。请为流程设定更长的期限。",
    ),
    "flow.unproven": (
        "暂时无法取得在外部签署者的吊销数据。",
        "无需处理：会再尝试几次，之后在没有这些数据的情况下补充合同。",
    ),
    "flow.rejected": (
        "合同流程的一方表示拒绝。",
        "请查看是谁以及原因；放入修改后的文件可重新开始。",
    ),
    "flow.expired": (
        "合同流程的一方没有按时操作。",
        "轮到谁见 sealgate flows show 流程；再次放入文件可重新开始。",
    ),
    "flow.withdrawn": ("合同流程已被撤回。", "再次放入文件可重新开始。"),
    "flow.unknown": (
        "没有这个合同流程、定义或模板。",
        "请查看 sealgate flows list 和 rules/flows/ 中的文件。",
    ),
    "flow.runs": (
        "合同流程仍在进行，还没有证明。",
        "请等待流程结束：轮到谁见 sealgate flows show 流程。",
    ),
    "flow.no-evidence": (
        "这不是合同流程的证明，或无法读取。",
        "请写明合同旁边的 JSON 文件，或重新写出：sealgate flows evidence 流程。",
    ),
    "flow.cannot-play": (
        "流程不能这样演练。",
        "请查看 sealgate flows simulate --help 和 docs/flows.md。",
    ),
    "flow.unknown-person": (
        "合同流程的一方写有不存在的用户或组。",
        "请更正名称或增加它：sealgate users add、sealgate users groups。"
        "在此之前，登录者不能代表该方操作。",
    ),
    "flow.unknown-step": (
        "合同流程没有这个步骤，或有多个步骤在等待此操作。",
        "请写明其中一个步骤：sealgate flows show 流程。",
    ),
    "flow.ended": (
        "合同流程已结束。",
        "不能再进行任何操作；sealgate flows show 流程 会说明如何结束。",
    ),
    "flow.not-open": (
        "该步骤并不等待此操作。",
        "请查看 sealgate flows show 流程：可能已完成，或尚未轮到。",
    ),
    "flow.not-your-step": ("该步骤在等待他人。", "请轮到的一方操作，或把步骤转交。"),
    "flow.same-person": (
        "同一人不能为同时进行的两个步骤操作。",
        "请另一方的人员操作。",
    ),
    "flow.not-withdrawable": (
        "只有流程的所有者可以撤回，且须在定义允许的期间内。",
        "请联系所有者；轮到的一方也可以拒绝。",
    ),
    "flow.not-delegable": ("该步骤不能转交给那一方。", "请写明该步骤的代理方之一。"),
    "flow.not-here": (
        "不能以这种方式进行此操作。",
        "在外签名的文件请放回该方的 approve/ 文件夹；拒绝须说明理由。",
    ),
    "flow.other-document": (
        "这不是该方待处理的文件。",
        "请把文件本身从 todo/ 原样移走；在外签名的文件须在名称中保留编号。",
    ),
    "outside.altered": (
        "交回的文件不以发出的文件开头。",
        "有些工具会重写文件而不是追加。" + _KEPT,
    ),
    "outside.too-large": ("交回的文件增加的内容远多于一个签名所需。", _KEPT),
    "outside.unreadable": ("无法读取交回的文件。", _KEPT),
    "outside.unsigned": ("交回的文件没有新的签名。", _KEPT),
    "outside.several": ("交回的文件有多个新的签名。", "请只签一次。" + _KEPT),
    "outside.signature-removed": ("交回的文件中缺少先前的签名，或其已被破坏。", _KEPT),
    "outside.changed": ("交回的文件的更改超出签名的范围。", _KEPT),
    "outside.invalid": ("新的签名无效。", _KEPT),
    "outside.locks": (
        "新的签名禁止了流程还要增加的内容，或锁定了不应锁定的内容。",
        "请在不认证、不锁定文件的情况下签名。" + _KEPT,
    ),
    "outside.wrong-signer": (
        "新的签名不是由流程所期待的证书作出。",
        "请使用约定的证书。" + _KEPT,
    ),
    "outside.untrusted": (
        "新签名的证书不能追溯到流程接受的机构。",
        "请使用这类机构的证书，或把该机构加入定义。" + _KEPT,
    ),
    "outside.expired": (
        "新签名的证书已过期、尚未生效或已被吊销。",
        "请使用有效的证书。" + _KEPT,
    ),
    "outside.not-for-signing": (
        "新签名的证书不用于文件签名。",
        "请使用为签名而签发的证书。" + _KEPT,
    ),
    "outside.wrong-field": ("签名放在了并非为该步骤准备的签名域中。", _KEPT),
}
"""Code → what it means, what to do."""
