"""Codes about people: logging in, permission, four eyes, users, groups, tokens, requests."""

PEOPLE = {
    "access.refused": (
        "登录名、密码或验证码不正确。",
        "请重试；管理员可用 sealgate users link 登录名 重设密码。",
    ),
    "access.code-needed": (
        "密码正确，还需要验证器上的六位数字。",
        "请输入验证器当前显示的数字，或一个恢复码。",
    ),
    "access.paused": (
        "登录失败次数过多。",
        "请等待暂停结束，或请管理员使用 sealgate users unlock 登录名。",
    ),
    "access.busy": (
        "此刻登录的人太多。",
        "请稍后重试；若一直如此，可能有人在猜密码，请查看日志。",
    ),
    "access.logged-out": ("登录已结束。", "请重新登录。"),
    "access.token": (
        "API 令牌未知、已过期或已收回。",
        "请在控制台或用 sealgate users tokens add 登录名 新建一个。",
    ),
    "access.link": (
        "一次性链接未知、已使用、已被替换或已过期。",
        "请管理员提供新的链接：sealgate users link 登录名。",
    ),
    "access.forbidden": (
        "此人的角色不允许这样做。",
        "请管理员授予相应的角色；角色表见 docs/people.md。",
    ),
    "access.form": (
        "该表单不属于本次登录，或来自其他网站；没有执行任何操作。",
        "请重新打开页面，再次操作。",
    ),
    "access.second-factor": (
        "此人的角色要求第二因素，而尚未设置。",
        "请先设置验证器；在此之前不能进行其他操作。",
    ),
    "access.provider": (
        "单点登录的提供方没有允许此人登录，或无法连接。",
        "请重新登录；详情说明了提供方或其应答的问题。",
    ),
    "access.unknown-person": (
        "单点登录的提供方证明了一个本站不认识的人。",
        "请管理员增加该用户，或设置为自动增加。",
    ),
    "access.four-eyes": (
        "已提请，尚未执行：需要另一位保管人确认。",
        "请另一位保管人查看：sealgate seals requests，然后 sealgate seals confirm。",
    ),
    "access.same-person": (
        "自己提请的事项不能由自己确认。",
        "请另一位保管人确认；如要撤回，可自行拒绝。",
    ),
    "access.own-roles": (
        "在需要四眼确认的站点，任何人不能给自己授予角色。",
        "请另一位管理员操作，或在本机使用 sealgate users change。",
    ),
    "site.people-key": (
        "用于加密验证器密钥的密钥文件缺失、损坏或可被他人读取。",
        "请从备份恢复 state/people.key，权限为 600；否则用户须重新设置第二因素："
        "sealgate users totp 登录名 --off。",
    ),
    "site.console": (
        "控制台无法在 gateway.yaml 的 console: 所指的地址监听。",
        "请释放该端口，或在 console: listen 中另选一个。",
    ),
    "usage.unknown-user": ("没有这个用户。", "请查看 sealgate users list。"),
    "usage.user-exists": (
        "已有该登录名的用户，日志中可能提到过。",
        "请换一个登录名，或重新启用该用户：sealgate users enable 登录名。",
    ),
    "usage.user-changed": ("他人同时更改了该用户或组。", "请重新查看，再次更改。"),
    "usage.user-option": (
        "用户或组不能这样设置。",
        "请看括号中的说明；sealgate users 动作 --help 有解释。",
    ),
    "usage.unknown-group": ("没有这个组。", "请查看 sealgate users groups list。"),
    "usage.group-exists": (
        "已有同名的组。",
        "请换一个名称，或更改该组：sealgate users groups change 名称。",
    ),
    "usage.last-administrator": ("这样将没有人能管理用户。", "请先让另一人成为管理员。"),
    "usage.passwords-differ": ("两次输入的密码不同。", "请输入相同的密码两次。"),
    "usage.weak-password": ("该密码太容易猜到。", "请使用较长的密码：几个只有自己才会联想到的词。"),
    "usage.second-factor": (
        "第二因素的状态不允许此操作。",
        "请查看 sealgate users show 登录名；先从设置开始。",
    ),
    "usage.unknown-token": (
        "该用户没有这个 API 令牌。",
        "请查看 sealgate users tokens list 登录名。",
    ),
    "usage.has-administrator": (
        "只有在没有管理员时，才会生成首位管理员的链接。",
        "请使用 sealgate users add 或 sealgate users link 登录名。",
    ),
    "usage.request": (
        "请求不符合 API 的要求。",
        "请看括号中的说明；/api/v1/openapi.json 描述了每个请求。",
    ),
    "usage.key-reused": (
        "该 Idempotency-Key 此前用于另一个请求。",
        "请为每份文件或每次操作生成新的键；只有重发同一请求时才用同一个键。",
    ),
    "usage.unknown-request": (
        "没有这个保管人的提请。",
        "请查看 sealgate seals requests 和 sealgate rules requests。",
    ),
    "usage.request-decided": ("该提请已确认、已拒绝或已过期。", "如仍需要更改，请重新提请。"),
    "usage.request-kind": (
        "此类提请不能在这里确认。",
        "规则的更改用 sealgate rules confirm，印章的用 sealgate seals confirm。",
    ),
    "usage.wrong-question": (
        "页面提出了无法回答的请求。",
        "请重新打开页面；若再次发生，请说明操作并报告。",
    ),
}
"""Code → what it means, what to do."""
