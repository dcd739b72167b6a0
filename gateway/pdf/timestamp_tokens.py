"""Time-stamp tokens by themselves, as a site keeps them over its signing log (RFC 3161).

Accepted: tokens are read in this process. They are small, come from authorities or from the
site's own archive, and are parsed in Python alone.
"""

from __future__ import annotations

from datetime import datetime

from asn1crypto import cms, core, tsp
from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
from pyhanko.sign.validation.status import TimestampSignatureStatus

from gateway.core.errors import DocumentFault
from gateway.core.log_timestamps import TokenFacts
from gateway.pdf.coroutines import result_of
from gateway.pdf.faults import reading
from gateway.pdf.trust import context

_UNREADABLE = TokenFacts("", None, "", "it is no time-stamp that can be read")


class TokenReader:
    """The port `TokenJudge`."""

    def judge(self, token: bytes, anchors: tuple[bytes, ...]) -> TokenFacts:
        """Read a DER token; its signer's certificate must lead to an anchor at the token's time.

        Nothing is fetched: whether the certificate was revoked later is not asked.
        """
        try:
            with reading():
                return _judged(token, anchors)
        except DocumentFault:
            return _UNREADABLE

    def response_of(self, token: bytes) -> bytes:
        """Return the response (RFC 3161, 2.4.2) that grants a DER token."""
        status = tsp.PKIStatusInfo({"status": "granted"}).dump()
        whole: bytes = core.Sequence(contents=status + token).dump(force=True)
        return whole

    def token_in(self, response: bytes) -> bytes:
        """Return the DER token of a response; empty when it is none."""
        try:
            with reading():
                token = tsp.TimeStampResp.load(response, strict=True)["time_stamp_token"].dump()
        except DocumentFault:
            return b""
        return bytes(token)


def _judged(token: bytes, anchors: tuple[bytes, ...]) -> TokenFacts:
    signed: cms.SignedData = cms.ContentInfo.load(token, strict=True)["content"]
    info: tsp.TSTInfo = signed["encap_content_info"]["content"].parsed
    imprint: bytes = info["message_imprint"]["hashed_message"].native
    algorithm: str = info["message_imprint"]["hash_algorithm"]["algorithm"].native
    at: datetime = info["gen_time"].native
    if algorithm != "sha256":
        return TokenFacts("", at, "", f"it is over a {algorithm} hash, not SHA-256")
    if len(signed["signer_infos"]) != 1:
        return TokenFacts(imprint.hex(), at, "", "it does not have exactly one signer")
    try:
        with reading():
            status = _validated(signed, imprint, anchors, at)
    except DocumentFault:
        return TokenFacts(imprint.hex(), at, "", "its signature cannot be validated")
    subject = status.signing_cert.subject
    signer = str(subject.native.get("common_name") or subject.human_friendly)
    return TokenFacts(imprint.hex(), at, signer, _problem(status))


def _validated(
    signed: cms.SignedData, imprint: bytes, anchors: tuple[bytes, ...], at: datetime
) -> TimestampSignatureStatus:
    found = result_of(validate_tst_signed_data(signed, context(anchors, at), lambda _: imprint))
    return TimestampSignatureStatus(**found)


def _problem(status: TimestampSignatureStatus) -> str:
    if not status.intact or not status.valid:
        return "its signature is not valid"
    if not status.trusted:
        return "its authority is not trusted by this site"
    return ""
