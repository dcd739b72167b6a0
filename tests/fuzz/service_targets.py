"""Answers of digest services, time-stamp authorities and responders."""

from __future__ import annotations

import base64
import json
import tempfile
from functools import cache
from pathlib import Path
from unittest import mock

from cryptography.hazmat.primitives.serialization import Encoding

from gateway.core.notice_settings import Encryption, MailTarget
from gateway.core.notice_texts import Message
from gateway.core.secret import Secret
from gateway.core.services import (
    AnswerSettings,
    CscSettings,
    HttpAccess,
    LoginSettings,
    OAuthSettings,
    RevocationSettings,
    ServiceSettings,
    TimestampSettings,
)
from gateway.notices.mail import MailNotifier
from gateway.ports import Credential
from gateway.services import digest_answers, digest_refusals
from gateway.services.certificate_file import credential_in
from gateway.services.cms_check import checked_cms
from gateway.services.csc import CscService
from gateway.services.csc_calls import CscCalls
from gateway.services.csc_timestamp import CscTimestamper
from gateway.services.http import Answer, HttpSession
from gateway.services.revocation import HttpEvidence
from gateway.services.revocation_answers import Unusable, read_crl, read_ocsp
from gateway.services.tsa import HttpTimestamper
from tests.fuzz import authorities as made
from tests.fuzz.answering import answered, connected, script
from tests.fuzz.mutating import JSON_VALUE
from tests.fuzz.target import Target

_URL = "http://127.0.0.1:9/"
_SECRET = Secret("secret", "open sesame")


def _credential() -> Credential:
    return Credential("seal", (made.der(made.signer()), made.der(made.root())), "ecdsa", "sha256")


def _csc(version: int, data: bytes) -> None:
    family = CscSettings(
        url=_URL,
        version=version,
        oauth=OAuthSettings(_URL, "client", _SECRET),
        pin=_SECRET,
        asynchronous=version == 2,
        extend=True,
    )
    settings = ServiceSettings("csc", family, HttpAccess(read_timeout=1.0))
    service = CscService(settings, family, made.FixedClock(), sandbox_allowed=False)
    with answered(data):
        service.sign(service.authorize((made.DIGEST,)))


def _csc_timestamp(data: bytes) -> None:
    calls = CscCalls(CscSettings(url=_URL), HttpAccess(1.0), made.FixedClock(), str)
    with (
        answered(data),
        mock.patch("gateway.services.csc_timestamp.secrets.randbits", return_value=made.NONCE),
    ):
        CscTimestamper("csc", calls, paid=True).timestamp(made.DIGEST, "sha256")


def _csc_timestamp_seeds() -> tuple[bytes, ...]:
    token = json.dumps({"timestamp": base64.b64encode(made.token()).decode()}).encode()
    return script(token), script(b'{"error": "invalid_request"}', status=400)


def _csc_seeds() -> tuple[bytes, ...]:
    chain = [base64.b64encode(one).decode() for one in _credential().chain]
    token = b'{"access_token":"t","token_type":"Bearer","expires_in":3600}'
    info = {"methods": ["credentials/list", "credentials/info", "signatures/signHash"]}
    authorizing = {"methods": [*info["methods"], "credentials/authorize"]}
    described = {
        "key": {"status": "enabled", "algo": ["1.2.840.10045.4.3.2"]},
        "cert": {"status": "valid", "certificates": chain},
        "auth": {"mode": "explicit", "objects": [{"id": "PIN", "type": "Password"}]},
        "authMode": "explicit",
        "PIN": {"presence": "true"},
        "multisign": 5,
    }
    signed = {"signatures": [base64.b64encode(made.signature()).decode()]}
    listed = {"credentialIDs": ["seal"]}
    ways = (
        (info, listed, described, signed),
        (authorizing, listed, described, {"SAD": "sad", "expiresIn": 60}, signed),
        (authorizing, listed, described, {"handle": "h"}, {"SAD": "s"}, signed),
        (authorizing, listed, described, {"SAD": "s"}, {"responseID": "r"}, signed),
        (authorizing, listed, described, {"error": "invalid_otp", "error_description": "PIN"}),
    )
    return tuple(script(token, *(json.dumps(one).encode() for one in way)) for way in ways)


def _http(data: bytes) -> None:
    with connected(data):
        HttpSession(HttpAccess(1.0, 2.0), largest=4096).post(_URL, b"{}", "text/plain")


def _http_seeds() -> tuple[bytes, ...]:
    return (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json; a=b\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 503 No\r\nRetry-After: Fri, 31 Dec 1999 23:59:59 GMT\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        b"HTTP/1.1 429 Slow\r\nRetry-After: 120\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08",
        b"HTTP/1.1 301 Gone\r\nLocation: http://[/\r\nSet-Cookie: a=b\r\n\r\n",
    )


_FORMS = (
    AnswerSettings(),
    AnswerSettings(at="/result/0/signature", request_id="/id"),
    AnswerSettings(at="/result/0/signature", encoding="base64url", prefix="vault:v1:"),
    AnswerSettings(encoding="hex"),
    AnswerSettings(encoding="pem"),
    AnswerSettings(encoding="der"),
)


def _digest(data: bytes) -> None:
    chosen, body = sum(data[:1]), data[1:]
    if chosen < len(_FORMS):
        digest_answers.read(Answer(200, body, paid=True), _FORMS[chosen])
    else:
        answer = Answer(200 + chosen, body, "application/json", None, paid=True)
        raise digest_refusals.refusal(answer, ("open sesame",))


def _digest_seeds() -> tuple[bytes, ...]:
    written = base64.b64encode(made.signature())
    answer = b'{"id": "7", "result": [{"signature": "vault:v1:%s"}]}' % written
    pem = b"-----BEGIN CMS-----\n%s\n-----END CMS-----\n" % base64.encodebytes(made.service_cms())
    bodies = (written, answer, answer, made.signature().hex().encode(), pem, made.signature())
    refused = b"\xc8" + b'{"message": "ThrottlingException: Rate exceeded"}'
    return (*(bytes([index]) + body for index, body in enumerate(bodies)), refused)


def _cms(data: bytes) -> None:
    checked_cms(_credential(), made.DIGEST, data)


def _tsa(data: bytes) -> None:
    authority = HttpTimestamper(TimestampSettings(_URL))
    with (
        answered(b"200 application/timestamp-reply\n" + data),
        mock.patch("gateway.services.tsa.secrets.randbits", return_value=made.NONCE),
    ):
        authority.timestamp(made.DIGEST, "sha256")


def _token_evidence(data: bytes) -> None:
    source = HttpEvidence(RevocationSettings(), made.FixedClock(), lambda: (made.der(made.root()),))
    with answered(b""):
        source.of_token(data)


def _ocsp(data: bytes) -> None:
    try:
        read_ocsp(data, made.signer(), made.root(), made.NOW)
    except Unusable:
        return


def _crl(data: bytes) -> None:
    try:
        read_crl(data, made.signer(), made.root(), made.NOW)
    except Unusable:
        return


@cache
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="sealgate-fuzz-"))


def _certificates(data: bytes) -> None:
    file = _folder() / "chain.pem"
    file.write_bytes(data)
    credential_in(file, "sha256", "", made.NOW, sandbox_allowed=False)


def _certificate_seeds() -> tuple[bytes, ...]:
    return (b"".join(one.public_bytes(Encoding.PEM) for one in (made.signer(), made.root())),)


def _mail(data: bytes) -> None:
    login = LoginSettings("anna", _SECRET)
    plain = ("127.0.0.1", 25, Encryption.NONE, "seal@a.example", ("b@b.example", "c@c.example"))
    message = Message("1", "Held", "The work is held.", ())
    with connected(data):
        MailNotifier(MailTarget(*plain, login=login), made.FixedClock()).send(message)


def _mail_seeds() -> tuple[bytes, ...]:
    """Return a server that takes the mail, and one that asks for a proof and takes half of it."""
    greeting = b"220 mail ESMTP\r\n250-mail\r\n250-SIZE 99999\r\n250-8BITMIME\r\n250 AUTH %s\r\n"
    taken = b"235 fine\r\n250 from\r\n%s250 to\r\n354 go on\r\n250 kept\r\n221 bye\r\n"
    proof = b"334 " + base64.b64encode(b"<1@mail>") + b"\r\n"
    half = b"550 nobody\r\n"
    return (
        greeting % b"PLAIN LOGIN" + taken % b"250 to\r\n",
        greeting % b"CRAM-MD5" + proof + taken % half,
        greeting % b"LOGIN" + b"334 VXNlcm5hbWU6\r\n" * 2 + taken % half,
    )


_DER = (b"\x30\x80", b"\x00\x00", b"\x30\x84\xff\xff\xff\xff", b"\x05\x00", b"\x02\x01\x00")
_JSON = (b'"', b"{", b"}", b"[", b"]", b":", b",", b"\\ud800", b"true", b"[]", b"{}", b"1e400")

SERVICE_TARGETS = (
    Target(
        "csc-2",
        lambda data: _csc(2, data),
        _csc_seeds,
        (*_JSON, b"\n%%\n", b"401 ", b"202 "),
        JSON_VALUE,
    ),
    Target(
        "csc-1",
        lambda data: _csc(1, data),
        _csc_seeds,
        (*_JSON, b"\n%%\n", b"401 ", b"400 "),
        JSON_VALUE,
    ),
    Target("http", _http, _http_seeds, (b"\r\n", b"Retry-After: ", b"Content-Length: ", b"gzip")),
    Target("digest-answer", _digest, _digest_seeds, _JSON, JSON_VALUE),
    Target("service-cms", _cms, lambda: (made.service_cms(),), _DER),
    Target("tsa", _tsa, lambda: (made.response(), made.refusal()), _DER),
    Target("csc-timestamp", _csc_timestamp, _csc_timestamp_seeds, _JSON, JSON_VALUE),
    Target("mail", _mail, _mail_seeds, (b"\r\n", b"250-", b"334 ", b"AUTH CRAM-MD5", b"SIZE ")),
    Target("token-evidence", _token_evidence, lambda: (made.token(), made.service_cms()), _DER),
    Target("ocsp", _ocsp, lambda: (made.ocsp_response(), made.ocsp_response(revoked=True)), _DER),
    Target("crl", _crl, lambda: (made.revocation_list(),), _DER),
    Target("certificates", _certificates, _certificate_seeds, (b"-----BEGIN CERTIFICATE-----",)),
)
