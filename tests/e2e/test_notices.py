"""Being told, from outside: the real daemon, a mail server with TLS, and a webhook's receiver."""

from __future__ import annotations

import base64
from pathlib import Path

from tests.e2e.pages import write_pdf
from tests.e2e.site import TestSite, wait_for
from tests.notices.receiving import free_port, mail_server, signature, tls, web_server

KEY = b"twenty-four bytes or more"

_WEBHOOK = """
notices:
  hook:
    to: {{type: webhook, url: "{url}", key: {{secret: hook}}}}
    on: [delivered, failed]
    retry: {{first: 200ms, longest: 500ms, attempts: 1000}}
"""
_MAIL = """
  mail:
    to:
      type: mail
      server: 127.0.0.1
      port: {port}
      encryption: starttls
      ca_file: {pem}
      login: {{user: seals, password: {{secret: mail}}}}
      sender: seals@company.example
      recipients: operator@company.example
    on: [delivered, failed]
    language: zh
    retry: {{first: 200ms, longest: 500ms, attempts: 1000}}
"""


def configure(site: TestSite, text: str) -> None:
    """Add text to the site's configuration, and the secrets it names."""
    secrets = site.root / "secrets"
    secrets.mkdir(mode=0o700, exist_ok=True)
    for name, value in (("hook", "whsec_" + base64.b64encode(KEY).decode()), ("mail", "open")):
        (secrets / name).write_text(value)
        (secrets / name).chmod(0o600)
    site.edit("gateway.yaml", lambda before: before + text)


def drop_both(site: TestSite, folder: Path) -> None:
    """Drop one document that will be sealed, and one that cannot be."""
    site.drop(write_pdf(folder / "good.pdf"))
    (folder / "bad.pdf").write_bytes(b"%PDF-1.7\nnothing of the kind\n%%EOF\n")
    site.drop(folder / "bad.pdf")


def ended(site: TestSite) -> bool:
    """Tell whether both documents have come to their end."""
    return len(site.delivered()) == 1 and len(site.failures()) == 1


def test_told_once_each_although_killed(site: TestSite, tmp_path: Path) -> None:
    """Mail and webhook tell each document once, though killed before, and down afterwards, too."""
    context, pem = tls(tmp_path)
    port = free_port()
    with web_server() as web:
        web.statuses = [503] * 1000
        configure(site, _WEBHOOK.format(url=web.url) + _MAIL.format(port=port, pem=pem))
        killed = site.start()
        drop_both(site, tmp_path)
        wait_for("documents and attempts", lambda: ended(site) and len(web.refused) >= 2)
        killed.kill()
        killed.wait(30)
        refused = len(web.refused)
        with site.daemon():
            wait_for("attempts of the next daemon", lambda: len(web.refused) > refused)
            web.statuses.clear()
            with mail_server(context=context, starttls=True, password=b"open", port=port) as mail:
                wait_for("posts", lambda: len(web.posts) == 2)
                wait_for("mails", lambda: len(mail.mails) == 2)
            wait_for("the end", lambda: site.call("notices", "list").stdout == "")
    assert "notice mail: notice.unreachable" in site.daemon_says()
    told = {post.json()["type"]: post.json()["data"] for post in web.posts}
    assert told["sealgate.delivered"]["source"] == "good.pdf"
    assert Path(told["sealgate.delivered"]["result"]).is_file()
    assert told["sealgate.failed"]["source"] == "bad.pdf"
    assert told["sealgate.failed"]["code"] == next(iter(site.failures().values()))
    assert told["sealgate.failed"]["remedy"]
    for post in web.posts:
        assert post.headers["webhook-signature"] == signature(KEY, post)
    first_tries = {post.headers["webhook-id"] for post in web.refused}
    assert {post.headers["webhook-id"] for post in web.posts} >= first_tries
    assert len(mail.mails) == 2
    subjects = sorted(one["Subject"] for one in mail.mails)
    assert any("失败: bad.pdf" in one for one in subjects)
    assert any("已盖章: good.pdf" in one for one in subjects)
    assert mail.recipients == [["operator@company.example"]] * 2
    assert (b"seals", b"open") in mail.logins


def test_refused_for_good_is_laid_aside(site: TestSite, tmp_path: Path) -> None:
    """A refusal for good is laid aside, listed, logged once, and told again when asked for."""
    with web_server() as web:
        web.statuses = [410, 410]
        configure(site, _WEBHOOK.format(url=web.url))
        drop_both(site, tmp_path)
        swept = site.call("sweep")
        assert swept.returncode == 1, swept.stderr
        assert ended(site)
        listed = site.call("notices", "list")
        assert listed.returncode == 1
        assert listed.stdout.count("\tdead\t1\tnotice.refused\tHTTP 410") == 2
        assert len(site.events("notice.dead")) == 2
        assert "hook: 0 wait, 2 laid aside: notice.refused (HTTP 410)" in site.call("status").stdout
        doctor = site.call("doctor")
        assert doctor.returncode == 1
        assert "notice hook\tfail\t0 wait, 2 laid aside" in doctor.stdout
        assert "2 notices wait" in site.call("notices", "retry", "hook").stdout
        assert site.call("sweep").returncode == 0
        assert len(web.posts) == 2


def test_test_notice(site: TestSite) -> None:
    """A test notice is sent at once; the exit code tells whether it was taken."""
    with web_server() as web:
        configure(site, _WEBHOOK.format(url=web.url))
        done = site.call("notices", "test", "hook")
        assert done.returncode == 0, done.stderr
        assert web.posts[0].json()["type"] == "sealgate.test"
        web.statuses = [401]
        done = site.call("notices", "test", "hook")
        assert done.returncode == 1
        assert "notice.login-refused" in done.stderr
        assert site.call("notices", "test", "hok").returncode == 2
