"""Mail by SMTP: TLS from the first byte, STARTTLS, or neither; login when there is one."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from gateway.core.errors import NoticeFault
from gateway.core.notice_settings import Encryption, MailTarget
from gateway.core.notice_texts import Message
from gateway.ports import Clock

_MECHANISMS = ("PLAIN", "LOGIN", "CRAM-MD5")
_LOGIN = frozenset({530, 534, 535, 538})
"""Answers of RFC 4954, 6: login or encryption is wanted or was refused."""
_LONGEST_ANSWER = 300
"""Characters of a server's words that are kept."""


class MailNotifier:
    """The port `Notifier`: one mail to all recipients for each message."""

    def __init__(self, target: MailTarget, clock: Clock) -> None:
        self._target = target
        self._clock = clock

    def send(self, message: Message) -> None:
        """Hand a mail to the server; every recipient must be taken. Raises `NoticeFault`.

        When the server takes some recipients and refuses others for now, the mail is repeated
        with the same Message-ID; when it refuses some for good, it is not.
        """
        mail = self._mail(message)
        try:
            with self._connection() as connection:
                self._enter(connection)
                refused = connection.send_message(
                    mail, self._target.sender, list(self._recipients(message))
                )
        except smtplib.SMTPRecipientsRefused as error:
            refused = error.recipients
        except (smtplib.SMTPException, ssl.SSLError, OSError) as error:
            raise _fault(error) from error
        except UnicodeEncodeError as error:
            detail = "name and password must be ASCII"
            raise NoticeFault("notice.login-refused", detail) from error
        except ValueError as error:
            detail = "what the server says cannot be read"
            raise NoticeFault("notice.no-answer", detail) from error
        if refused:
            raise _of_recipients(refused)

    def _recipients(self, message: Message) -> tuple[str, ...]:
        """Return the target's own recipients, and the parties concerned where it tells them."""
        concerned = message.mail if self._target.parties else ()
        return tuple(dict.fromkeys((*self._target.recipients, *concerned)))

    def _connection(self) -> smtplib.SMTP:
        target = self._target
        if target.encryption is Encryption.TLS:
            return smtplib.SMTP_SSL(
                target.server, target.port, timeout=target.timeout, context=self._trust()
            )
        return smtplib.SMTP(target.server, target.port, timeout=target.timeout)

    def _enter(self, connection: smtplib.SMTP) -> None:
        target = self._target
        if target.encryption is Encryption.STARTTLS:
            connection.ehlo()
            if not connection.has_extn("starttls"):
                raise NoticeFault("notice.tls", "the server offers no STARTTLS")
            connection.starttls(context=self._trust())
        if target.login is not None:
            _choose_mechanism(connection)
            connection.login(target.login.user, target.login.password.value)

    def _trust(self) -> ssl.SSLContext:
        ca_file = self._target.ca_file
        return ssl.create_default_context(cafile=str(ca_file) if ca_file else None)

    def _mail(self, message: Message) -> EmailMessage:
        mail = EmailMessage(policy=SMTP)
        mail["From"] = self._target.sender
        mail["To"] = ", ".join(self._recipients(message))
        mail["Subject"] = message.subject
        mail["Date"] = format_datetime(self._clock.now())
        mail["Message-ID"] = f"<{message.id}@{self._target.sender.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday reply, please
        mail.set_content(message.text + "\n")
        return mail


def _choose_mechanism(connection: smtplib.SMTP) -> None:
    """Leave one way to log in: smtplib tries each with the same password, and accounts lock."""
    connection.ehlo_or_helo_if_needed()
    offered = connection.esmtp_features.get("auth", "").upper().split()
    chosen = next((one for one in _MECHANISMS if one in offered), None)
    if chosen is not None:
        connection.esmtp_features["auth"] = chosen


def _fault(error: Exception) -> NoticeFault:
    """Translate what smtplib raises; a server's words are kept, they name no secret of ours."""
    if isinstance(error, smtplib.SMTPResponseException):
        return NoticeFault(_code(error), _words(error.smtp_code, error.smtp_error))
    if isinstance(error, ssl.SSLError):
        return NoticeFault("notice.tls", error.reason or str(error)[:_LONGEST_ANSWER])
    if isinstance(error, smtplib.SMTPServerDisconnected | TimeoutError):
        return NoticeFault("notice.no-answer", str(error)[:_LONGEST_ANSWER])
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return NoticeFault("notice.login-refused", str(error)[:_LONGEST_ANSWER])
    reason = getattr(error, "strerror", None) or type(error).__name__
    return NoticeFault("notice.unreachable", str(reason))


def _code(error: smtplib.SMTPResponseException) -> str:
    if isinstance(error, smtplib.SMTPAuthenticationError) or error.smtp_code in _LOGIN:
        return "notice.login-refused"
    if isinstance(error, smtplib.SMTPConnectError | smtplib.SMTPHeloError):
        return "notice.not-now"  # the server refuses us, not this mail
    return "notice.refused" if 500 <= error.smtp_code < 600 else "notice.not-now"


def _of_recipients(refused: dict[str, tuple[int, bytes]]) -> NoticeFault:
    final = all(500 <= code < 600 for code, _ in refused.values())
    told = "; ".join(f"{who}: {_words(*why)}" for who, why in refused.items())
    return NoticeFault("notice.refused" if final else "notice.not-now", told[:1000])


def _words(code: int, answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return f"{code} {' '.join(text.split())[:_LONGEST_ANSWER]}"
