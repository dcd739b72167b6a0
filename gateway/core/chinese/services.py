"""Codes about what is elsewhere: digest services, time-stamps, revocation, remotes, notices."""

BY_ITSELF = "请检查网络和服务状态；恢复后自动继续。"
_ALL = "然后使用 sealgate retry --all-failed。"

SERVICES = {
    "service.unreachable": ("无法连接签名服务。", BY_ITSELF),
    "service.no-answer": ("签名服务没有应答。", "自动继续；该次调用在签名日志中列为未应答。"),
    "service.busy": ("签名服务要求等待。", "无需处理：自动继续。"),
    "service.failed": ("签名服务报告自身故障。", BY_ITSELF),
    "service.tls": (
        "签名服务的 TLS 证书不被接受。",
        "请检查服务地址和 gateway.yaml 中的私有 CA。",
    ),
    "service.login-refused": (
        "签名服务拒绝登录。",
        "请检查客户端标识和密钥；重复尝试会拉开间隔。",
    ),
    "service.authorization-refused": (
        "签名服务拒绝授权使用凭据。",
        "请在凭据锁定之前检查 PIN 或动态口令，" + _ALL,
    ),
    "service.authorization-expired": ("签名授权已过期。", "无需处理：会重新申请。"),
    "service.credential-unusable": (
        "凭据已停用、已过期、尚未生效或不为服务所知。",
        "请向服务续期，并检查 gateway.yaml 中的名称。",
    ),
    "service.credential-untrusted": (
        "凭据的证书不能追溯到本站的信任锚。",
        "请把签发机构加入 gateway.yaml 的 trust.anchors；没有产生费用。",
    ),
    "service.sandbox-credential": (
        "该凭据属于沙箱，而本站不是沙箱站点。",
        "请配置真实的签名服务，或在试用站点写 sandbox: true。",
    ),
    "service.out-of-quota": (
        "签名服务的预付额度已用完。",
        "请购买额度，并用 sealgate services quota 名称 --add 登记；之后自动继续。",
    ),
    "service.repeat-limit": (
        "同一摘要已按 gateway.yaml 允许的次数发送，始终没有应答。",
        "请向服务询问是否已计费，然后使用 sealgate retry 再次发送。",
    ),
    "service.refused": (
        "签名服务拒绝该请求。",
        "请运行 sealgate services test，并对照服务说明检查 gateway.yaml。",
    ),
    "service.protocol": (
        "签名服务的应答不符合其规范。",
        "请运行 sealgate services test，并把应答报告给服务方。",
    ),
    "service.wrong-signature": (
        "签名服务返回的签名与摘要或证书不符。",
        "请向服务方报告：应答已保存并列入签名日志。",
    ),
    "service.wrong-cms": (
        "签名服务返回的 CMS 不能放入文件。",
        "请让服务按 docs/configuration.md 的要求返回，" + _ALL,
    ),
    "service.wrong-certificate": (
        "签名服务使用了与配置不同的证书。",
        "请把该证书及其证书链放入 certificates 所指的文件，" + _ALL,
    ),
    "service.sm2-not-supported": (
        "签名服务使用 SM2 签名，此处无法验证。",
        "请申请 RSA 或 ECDSA 证书（原因见 docs/sm2.md），" + _ALL,
    ),
    "tsa.unreachable": ("无法连接时间戳机构。", "请检查网络；自动继续，不会再次付费签名。"),
    "tsa.refused": ("时间戳机构拒绝该请求。", "请检查 gateway.yaml 中的地址和登录信息。"),
    "tsa.wrong-token": ("时间戳与请求不符。", "请向时间戳机构报告；自动继续。"),
    "tsa.untrusted": (
        "本站不信任该时间戳机构。",
        "请把其上级证书加入 gateway.yaml 的 trust: anchors。",
    ),
    "usage.no-authority": (
        "本站没有时间戳机构。",
        "请在 gateway.yaml 中增加 timestamp:，写法见 docs/log.md。",
    ),
    "revocation.unavailable": (
        "无法得知证书是否被吊销。",
        "请检查到机构 OCSP 和 CRL 地址的网络；恢复后自动继续。",
    ),
    "revocation.revoked": (
        "某个证书已被吊销。",
        "请更换证书，" + _ALL + "在此之前不发送任何内容。",
    ),
    "remote.unreachable": ("无法连接远程文件夹的服务器。", "请检查网络和服务器；恢复后自动继续。"),
    "remote.login-refused": (
        "远程文件夹的服务器拒绝登录。",
        "请检查用户和密钥或密码，然后使用 sealgate retry --all-failed。"
        "在此之前不再尝试，以免账户被锁。",
    ),
    "remote.host-key-changed": (
        "远程服务器的主机密钥与 gateway.yaml 中的不同。",
        "请询问服务器管理者；确系对方更换时，才写入新的指纹。",
    ),
    "remote.certificate-refused": (
        "远程服务器出示的证书不被接受。",
        "请询问服务器管理者，然后写明其机构（ca_file）或新的指纹（certificate）。"
        "在此之前不向其透露任何内容。",
    ),
    "remote.unprotected": ("远程服务器不加密传输的内容。", "请让服务器提供带加密的 SMB 3。"),
    "remote.denied": (
        "远程服务器不允许此操作。",
        "请允许该用户在那里列出、创建、改名、读取和删除文件，并建立文件夹 .sealgate。",
    ),
    "remote.file-denied": (
        "远程服务器不允许对其中一个文件这样操作。",
        "请允许该用户改名、读取和删除该文件；其他文件照常取回。",
    ),
    "remote.file-busy": (
        "有人打开或锁定了远程文件夹中的一个文件。",
        "无需处理：会自动重试。若一直如此，请查看是谁打开了它。",
    ),
    "remote.folder-missing": (
        "远程文件夹不存在。",
        "请检查 url 中的路径，或建立该文件夹；之后自动继续。",
    ),
    "remote.protocol": ("远程服务器的应答无法使用。", "请查看服务器日志；会自动重试。"),
    "notice.unreachable": ("无法连接通知的接收方。", "请检查其地址和网络；会自动重试。"),
    "notice.no-answer": (
        "通知的接收方没有及时应答。",
        "请查看其状态；会自动重试，可能以同一编号通知两次。",
    ),
    "notice.tls": (
        "无法与通知的接收方建立可信的加密连接。",
        "请检查其证书，或写明私有机构：ca_file。",
    ),
    "notice.login-refused": (
        "通知的接收方拒绝登录。",
        "请更正该通知的用户名或密码，然后重新启动 Sealgate。",
    ),
    "notice.not-now": ("通知的接收方暂时无法接收。", "会自动重试。"),
    "notice.refused": (
        "通知的接收方明确拒收。",
        "请更正地址、收件人或接收程序，然后使用 sealgate notices retry。",
    ),
    "notice.unexpected": (
        "发送通知时发生了未预料的情况。",
        "请报告此问题；会自动重试，不影响任何文件。",
    ),
    "usage.unknown-notice": (
        "gateway.yaml 中没有这个通知。",
        "请使用 notices: 下所列的名称。",
    ),
}
"""Code → what it means, what to do."""
