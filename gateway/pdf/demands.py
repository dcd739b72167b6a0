"""What a signature field demands of the signature in it (seed values, ISO 32000-2, 12.7.5.5).

Only what its author marked as required binds us, besides /MDP, a required time-stamp and a
required certificate, which always do; the rest is a recommendation to a person at a dialogue.
All of it is known before anything is paid for.
"""

from __future__ import annotations

from collections.abc import Iterator

from pyhanko.pdf_utils import generic
from pyhanko.sign.fields import (
    MDPPerm,
    SeedLockDocument,
    SigCertConstraints,
    SigSeedSubFilter,
    SigSeedValFlags,
    SigSeedValueSpec,
)
from pyhanko.sign.general import UnacceptableSignerError
from pyhanko_certvalidator.path import ValidationPath

from gateway.core.errors import DocumentFault
from gateway.core.rules import Level, Profile
from gateway.pdf.attributes import DOCMDP
from gateway.pdf.embedded import decrypted
from gateway.pdf.fields import lock_of
from gateway.ports import Credential

_CODE = "pdf.field-demands"
_NEWEST = 3
"""The version of seed value dictionaries (PDF 2.0) that is understood here."""


def check_demands(
    field: generic.DictionaryObject, profile: Profile, credential: Credential, path: ValidationPath
) -> None:
    """Refuse a field whose demands the planned signature would not meet.

    `path` leads from the signer's certificate to the site's anchor. Raises `DocumentFault`
    (`pdf.field-demands`), naming every demand that is not met.
    """
    lock, permission = lock_of(field)
    missed: list[str] = []
    if lock is not None and profile.lock is not None:
        missed.append("it brings a lock of its own: leave lock out of the profile")
    if "/SV" in field:
        seeds = _seeds(field)
        spec = _read(seeds)
        missed += _about_form(seeds, spec, profile, credential)
        missed += _about_locking(spec, profile, permission)
        missed += _about_signer(spec.cert, path)
    if missed:
        raise DocumentFault(_CODE, "; ".join(missed))


def _seeds(field: generic.DictionaryObject) -> generic.DictionaryObject:
    seeds = decrypted(field["/SV"])
    if not isinstance(seeds, generic.DictionaryObject):
        raise DocumentFault(_CODE, "its seed values cannot be understood")
    return seeds


def _read(seeds: generic.DictionaryObject) -> SigSeedValueSpec:
    version = seeds.get("/V", 1)
    if isinstance(version, (int, float)) and version > _NEWEST:
        # Even when that is no requirement: nobody here could validate the signature afterwards.
        raise DocumentFault(_CODE, f"its seed values are of version {version}")
    try:
        spec: SigSeedValueSpec = SigSeedValueSpec.from_pdf_object(seeds)
        return spec
    except Exception as error:
        raise DocumentFault(_CODE, f"its seed values cannot be understood: {error}") from error


def _about_form(
    seeds: generic.DictionaryObject, spec: SigSeedValueSpec, profile: Profile, signer: Credential
) -> Iterator[str]:
    flags = spec.flags
    encodings, methods = spec.subfilters, spec.digest_methods
    # Its author's order is one of preference; of these encodings we make only one.
    wrong = encodings is not None and SigSeedSubFilter.PADES not in encodings
    if flags & SigSeedValFlags.SUBFILTER and wrong:
        yield f"an encoding of {', '.join(map(str, seeds['/SubFilter']))}"
    wrong = methods is not None and signer.digest_algorithm not in methods
    if flags & SigSeedValFlags.DIGEST_METHOD and wrong:
        yield f"a digest of {', '.join(methods or ())}, where ours is {signer.digest_algorithm}"
    if flags & SigSeedValFlags.REASONS:
        yield from _about_reason([str(reason) for reason in spec.reasons or ()], profile.reason)
    if flags & SigSeedValFlags.ADD_REV_INFO and spec.add_rev_info:
        yield "revocation data inside the signature, which PAdES forbids"
    if flags & SigSeedValFlags.APPEARANCE_FILTER and spec.appearance is not None:
        yield f"the appearance {spec.appearance}"
    if spec.timestamp_required and profile.level is Level.B_B:
        yield "a time-stamp: use level B-T"


def _about_reason(allowed: list[str], given: str) -> Iterator[str]:
    if allowed in ([], ["."]):
        if given:
            yield "no reason: leave reason out of the profile"
    elif given not in allowed:
        yield f"a reason of: {', '.join(allowed)}"


def _about_locking(
    spec: SigSeedValueSpec, profile: Profile, permission: MDPPerm | None
) -> Iterator[str]:
    certified = DOCMDP.get(profile.certify)
    kind = spec.seed_signature_type
    if kind is not None and kind.mdp_perm is not certified:
        wanted = next((key.value for key, perm in DOCMDP.items() if perm is kind.mdp_perm), "no")
        yield f"certify: {wanted}"
    if certified is not None and permission is not None and permission < certified:
        yield f"a certification of level {permission.value}"
    if spec.flags & SigSeedValFlags.LEGAL_ATTESTATION and spec.legal_attestations is not None:
        yield "a legal attestation"
    if spec.flags & SigSeedValFlags.LOCK_DOCUMENT:
        locks = MDPPerm.NO_CHANGES in (certified, permission)
        if spec.lock_document is SeedLockDocument.LOCK and not locks:
            yield "to lock the document: certify: no-changes"
        if spec.lock_document is SeedLockDocument.DO_NOT_LOCK and locks:
            yield "not to lock the document"


def _about_signer(constraints: SigCertConstraints | None, path: ValidationPath) -> Iterator[str]:
    if constraints is None:
        return
    try:
        constraints.satisfied_by(path.leaf, path)
    except (UnacceptableSignerError, NotImplementedError) as refusal:
        yield f"another certificate: {refusal}"
