"""Codes about a site and its operation: machine, ledger, settings, rule files, commands."""

SITES = {
    "site.disk-full": ("磁盘已满。", "请清理空间，之后自动继续。"),
    "site.denied": ("无法读写某个文件夹。", "请给 Sealgate 的用户相应权限，之后自动继续。"),
    "site.folder-missing": ("缺少某个文件夹。", "请建立该文件夹或挂载其共享，之后自动继续。"),
    "site.mount-missing": (
        "某个收件箱的共享不再处于挂载状态。",
        "请重新挂载；在此之前不向空的挂载点写入任何内容。",
    ),
    "site.input-output": ("操作系统报告读写失败。", "请检查磁盘或共享，之后自动继续。"),
    "site.artifact-damaged": (
        "保存的工作文件缺失，或与记录不符。",
        "请检查磁盘；损坏的文件不会交付。",
    ),
    "site.immutable": (
        "无法设置或清除归档文件的不可变标志。",
        "请给 Sealgate CAP_LINUX_IMMUTABLE 能力，并使用支持该标志的文件系统（docs/archive.md）；"
        "或写 immutable: true 代替 require。",
    ),
    "site.child-lost": ("无法启动读取 PDF 的进程。", "请检查内存和进程数上限，之后自动继续。"),
    "monitoring.cannot-listen": (
        "无法使用监控地址。",
        "请在 monitoring: 的 listen: 中写本机的地址和一个空闲的端口。",
    ),
    "site.restored": (
        "站点已从备份恢复，正在等待人工确认。",
        "请查看 sealgate restore 列出的内容，然后运行：sealgate retry --restored。",
    ),
    "restored.result-taken": (
        "该文件在站点所用备份之后已经交付：回执在发件箱中，结果已被取走。",
        "请把结果放回其回执旁，之后归档；或删除回执，之后重新盖章。一分钟内继续。",
    ),
    "backup.none": ("没有备份。", "请写 sealgate backup 输出的文件夹，其中有 manifest.json。"),
    "backup.damaged": (
        "备份与写入时不符。",
        "请使用另一个备份；没有从这个备份恢复任何内容。",
    ),
    "backup.newer": (
        "备份由更新的版本写入。",
        "请安装其 manifest.json 中写明的版本，并用它恢复。",
    ),
    "backup.in-the-way": (
        "备份要去的位置已有其他内容。",
        "请用 --site 恢复到空文件夹，或用 --over 把现有内容移到一旁。",
    ),
    "ledger.busy": ("账本被另一个进程锁定。", "无需处理：自动继续。"),
    "ledger.unreachable": (
        "账本所在的数据库没有响应。",
        "请检查 PostgreSQL 是否运行，以及地址、网络和密码；自动继续。",
    ),
    "ledger.fenced": (
        "另一个节点已接管该站点的工作。",
        "无需处理：在此重新启动 Sealgate，它便待命。",
    ),
    "ledger.damaged": (
        "账本文件已损坏：不再据此盖章或交付。",
        "原样保留 state 文件夹，然后从备份恢复：sealgate restore（docs/backup.md）。",
    ),
    "ledger.missing": (
        "账本文件不见了，而本站点此前已工作过。",
        "找回账本，或从备份恢复：sealgate restore（docs/backup.md）。",
    ),
    "ledger.unusable": ("无法读写账本。", "请检查磁盘；若账本损坏，请从备份恢复。"),
    "ledger.network-file-system": (
        "账本将位于网络文件系统上，SQLite 在那里不安全。",
        "请在 gateway.yaml 的 state: 中写本地磁盘上的文件夹。",
    ),
    "ledger.not-moved": (
        "账本应在 PostgreSQL 中，但状态文件夹里还有一个账本。",
        "请停止守护进程和控制台，然后运行 sealgate ledger move。",
    ),
    "ledger.not-empty": (
        "该数据库中已有非空的账本。",
        "请在 gateway.yaml 中指定空的数据库：不会覆盖任何内容。",
    ),
    "ledger.no-file": (
        "状态文件夹中没有账本。",
        "无需移动；Sealgate 启动时会建立新账本。",
    ),
    "ledger.no-database": (
        "gateway.yaml 没有为账本指定数据库。",
        "请写明位置：ledger: {postgresql: {host: ...}}；见 docs/ledger.md。",
    ),
    "usage.one-node": (
        "该站点只能有一个节点工作：其账本是一个文件。",
        "如需多个节点分担工作，请按 docs/ledger.md 将账本迁移到 PostgreSQL。",
    ),
    "usage.no-node": (
        "没有该名称的节点在此站点工作过。",
        "sealgate status --cluster 列出各节点。",
    ),
    "ledger.newer": ("账本由更新的版本写成。", "请重新安装那个版本。"),
    "settings.invalid": ("配置无效。", "请更正所列的每个问题；sealgate check 会再次列出。"),
    "settings.unreadable": ("无法读取该文件。", "请检查名称和权限。"),
    "settings.syntax": ("不是有效的 YAML。", "请检查缩进和引号。"),
    "settings.duplicate-key": ("该键出现了两次。", "请删除其中一个。"),
    "settings.unknown-key": ("没有这个键。", "请查看 docs/configuration.md。"),
    "settings.missing-key": ("缺少一个键。", "请补上；见 docs/configuration.md。"),
    "settings.wrong-type": ("值的类型不对。", "请按所示书写。"),
    "settings.wrong-value": ("不能使用这个值。", "请选择可用的值。"),
    "settings.unknown-name": ("该名称没有定义。", "请定义或更正该名称。"),
    "settings.duplicate-name": ("该名称使用了两次。", "请改名其中一个。"),
    "settings.secret": ("无法取得该机密。", "请按说明提供。"),
    "settings.secret-exposed": ("该机密的文件可被他人读取。", "请对该文件执行 chmod 600。"),
    "settings.secret-in-yaml": (
        "YAML 文件中写有机密。",
        "请改为按名称引用：{secret: 名称}。",
    ),
    "settings.not-supported": (
        "本版本尚不支持。",
        "请去掉；各版本的内容见 CHANGELOG.md。",
    ),
    "settings.no-rules": ("没有找到规则文件。", "请在 rules/ 中增加一个。"),
    "settings.sandbox": ("沙箱部分需要 sandbox: true。", "请设置它，或使用真实的服务。"),
    "rules.unknown": (
        "没有这条规则、这个规则文件或这次更改。",
        "请重新查找：可能已改名或删除。",
    ),
    "rules.cannot-edit": (
        "该文件的写法使这条规则无法单独更改。",
        "请在编辑器中更改：有锚点、别名或不常见的写法。",
    ),
    "rules.conflict": (
        "规则文件同时被更改，没有写入任何内容。",
        "请查看规则现在的样子，再次更改。",
    ),
    "rules.no-reason": ("更改规则需要理由。", "请用几个字说明原因，它会写入签名日志。"),
    "usage.no-site": ("这里不是一个站点。", "请使用 --site，或用 sealgate init 建立一个。"),
    "usage.not-empty": ("该文件夹不是空的。", "请选择另一个文件夹。"),
    "usage.unknown-job": ("没有这个任务。", "任务编号见 sealgate status。"),
    "usage.not-failed": ("只有失败的任务可以重试。", "请查看 sealgate status。"),
    "usage.original-gone": ("失败文件夹中已没有原文件。", "请重新把文件放入收件箱。"),
    "usage.unknown-inbox": ("没有这个收件箱。", "请查看 gateway.yaml 中的 inboxes。"),
    "usage.unknown-service": ("没有这个服务。", "请查看 gateway.yaml 中的 services。"),
    "usage.wrong-number": ("不能使用这个数。", "请写从 1 开始的整数。"),
    "usage.wrong-list": (
        "无法读取服务方的清单。",
        "请保存为 CSV，首行为列名：time，以及 digest 或 units。",
    ),
    "usage.no-file": ("无法读取该文件。", "请检查名称和权限。"),
    "usage.no-output": ("结果无法写到那里。", "请指定已有且可写的文件夹中的另一个文件。"),
    "usage.report-under-way": ("正在生成另一份报告。", "请一分钟后再试。"),
    "usage.wrong-time": (
        "这不是日期或时间。",
        "请按 ISO 8601 书写：2026-01-31 或 2026-01-31T14:00（UTC）。",
    ),
    "usage.already-running": (
        "另一个 Sealgate 正在处理本站。",
        "请使用它，或先停止它；见 sealgate status。",
    ),
    "usage.illegal-transition": ("任务的状态不允许此操作。", "任务的状态见 sealgate status。"),
    "usage.purged": (
        "该任务的归档文件在保存期满后已删除。",
        "请查找备份；签名日志中有每个文件的散列：sealgate log search 任务 --event archive.purged。",
    ),
    "usage.hold-reason": (
        "法律保留的理由为空、过长或多于一行。",
        '请简短书写：--why "案件 4711，5 月 3 日来函"。',
    ),
    "usage.legal-hold": (
        "任务只能置于法律保留一次，并在处于保留时解除。",
        "请查看 sealgate archive holds。要更改理由，请先解除。",
    ),
    "internal.unexpected": (
        "发生了 Sealgate 未预料的情况。",
        "请附上任务编号报告；原文件完好无损。",
    ),
}
"""Code → what it means, what to do."""
