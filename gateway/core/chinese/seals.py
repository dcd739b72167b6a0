"""Codes about seals: artwork and designs, the registry, their use."""

_OTHER_SEAL = "请让规则使用另一枚印章，然后使用 sealgate retry。"

SEALS = {
    "seal.artwork-unreadable": (
        "无法读取印章图样。",
        "请重新保存为 PNG、JPEG、SVG 或未加保护的单页 PDF 后导入。",
    ),
    "seal.artwork-empty": (
        "印章图样没有任何内容。",
        "请检查是否选对文件，以及保存时图层是否可见。",
    ),
    "seal.artwork-unsupported": (
        "印章图样使用了无法原样保留的内容。",
        "请在制作程序中按括号内的说明处理，或保存为每英寸 600 点的 PNG。",
    ),
    "seal.design-invalid": (
        "印章设计无法按所写绘制。",
        "请按提示更正设计；各键见 docs/schema/design.schema.json。",
    ),
    "seal.glyph-missing": (
        "可用的字体都没有印章中的某个字。",
        "请安装所列的软件包，指定含该字的字体，或改写文字。",
    ),
    "seal.text-too-long": ("印章中的文字太长，无法辨认。", "请缩短文字，或加大印章。"),
    "seal.not-registered": (
        "文件计划使用的印章不在登记簿中。",
        "请从备份恢复账本，或登记该印章，然后使用 sealgate retry。",
    ),
    "seal.revoked": ("该印章已撤销，永不再用。", _OTHER_SEAL),
    "seal.retired": (
        "该印章已停用。",
        "请让规则使用另一枚印章，或恢复该印章，然后使用 sealgate retry。",
    ),
    "seal.not-yet-valid": (
        "该印章尚未到启用日期。",
        "请等到启用日期，或联系印章保管人，然后使用 sealgate retry。",
    ),
    "seal.expired": (
        "该印章已过最后使用日期。",
        "请印章保管人延长日期，或使用另一枚印章，然后使用 sealgate retry。",
    ),
    "seal.not-granted": (
        "印章保管人没有允许这样使用。",
        "请保管人授权（sealgate seals grant），然后使用 sealgate retry。",
    ),
    "seal.use-rejected": (
        "审批人拒绝了本次用章。",
        "请联系印章保管人；使用 sealgate retry 会重新提请审批。",
    ),
    "seal.awaiting-approval": (
        "该印章每次使用都需要审批，尚未审批。",
        "请查看文件，然后使用 sealgate seals approve 或 sealgate seals reject。",
    ),
    "seal.limit-reached": (
        "该印章已达到使用次数上限。",
        "无需处理：下一周期或保管人提高上限后自动继续。",
    ),
    "site.font-missing": (
        "本机没有可用于绘制印章的字体。",
        "请安装 fonts-noto-cjk 或设计所指的字体，然后使用 sealgate retry。",
    ),
    "usage.unknown-seal": ("没有这枚登记的印章。", "请查看 sealgate seals list。"),
    "usage.seal-exists": ("已有同名的印章。", "请换一个名称，或用 --new-version 增加版本。"),
    "usage.seal-revoked": ("该印章已撤销，不能再作任何更改。", "请登记另一枚印章。"),
    "usage.seal-standing": ("该印章的状态不允许此操作。", "请查看 sealgate seals show。"),
    "usage.seal-changed": ("同一时刻有他人更改了该印章。", "请重新查看，然后再次操作。"),
    "usage.seal-option": (
        "印章不能这样设置。",
        "请查看 sealgate seals add --help 和 docs/seals.md。",
    ),
    "usage.seal-too-coarse": (
        "图片的点数不足以按该尺寸印出。",
        "请以更高精度扫描，缩小印章，或使用矢量图样（SVG、PDF）。",
    ),
    "usage.not-waiting": ("该任务并不等待此操作。", "请查看 sealgate seals waiting。"),
}
"""Code → what it means, what to do."""
