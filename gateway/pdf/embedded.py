"""A signature in a document, read so that encryption makes no difference.

pyHanko decrypts what is asked for by its key, but hands out placeholders for members of lists
and for what `get` returns; locks and seed values of encrypted documents would be made of them.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import FieldMDPSpec, SigSeedValueSpec
from pyhanko.sign.general import byte_range_digest
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

APPLICATION = "Sealgate"
"""The name under which signatures say what made them (/Prop_Build, ISO 32000-2, 12.8.1)."""

PIECE = 1 << 20
"""Bytes of a file that are hashed at a time."""
_DIGESTS: WeakKeyDictionary[PdfFileReader, dict[tuple[tuple[int, ...], str], bytes]]
_DIGESTS = WeakKeyDictionary()
"""Of what signatures cover, by their byte ranges and algorithms, for files that are open."""
_LONGEST = 1000
_DEEPEST = 20
_LINKS = frozenset({"/Data", "/Parent"})
"""Keys that may lead out of what is copied."""


def decrypted(value: object, depth: int = 0) -> Any:
    """Return a direct copy of a value in which nothing is encrypted or indirect any more.

    Raises `ValueError` when it is nested deeper than anything meant for us.
    """
    if depth > _DEEPEST:
        raise ValueError("it is nested too deeply")
    if isinstance(value, generic.IndirectObject):
        value = value.get_object()
    if isinstance(value, generic.DecryptedObjectProxy):
        value = value.decrypted
    if isinstance(value, generic.ArrayObject):
        return generic.ArrayObject([decrypted(member, depth + 1) for member in value])
    if isinstance(value, generic.DictionaryObject):
        return generic.DictionaryObject(
            {key: decrypted(value[key], depth + 1) for key in value if key not in _LINKS}
        )
    return value


class Signature(EmbeddedPdfSignature):
    """A signature that also locks what its field says, be it silent about it itself.

    ISO 32000-2, 12.7.5.5: the fields of /Lock "shall be locked"; some signers do not repeat it.
    """

    def compute_digest(self, hash_algo: str | None = None) -> bytes:
        """Compute the digest of what the signature covers, in large pieces; once for a reader."""
        algorithm = hash_algo or self.external_md_algorithm
        if algorithm not in self.external_digests:
            known, covered = _DIGESTS.setdefault(self.reader, {}), self.covered
            digest = known.get((covered, algorithm)) if covered else None
            if digest is None:
                _, digest = byte_range_digest(
                    self.reader.stream, self.byte_range, algorithm, chunk_size=PIECE
                )
            if covered:
                known[covered, algorithm] = digest
            self.external_digests[algorithm] = digest
        return self.external_digests[algorithm]

    @property
    def covered(self) -> tuple[int, ...]:
        """Return the byte range, if it is numbers and nothing else; empty otherwise."""
        ranges = self.byte_range
        written = list(ranges.iterate()) if isinstance(ranges, generic.ArrayObject) else []
        plain = all(type(one) is generic.NumberObject for one in written)
        return tuple(map(int, written)) if plain else ()

    def again(self) -> Signature:
        """Return the same signature of the same open file, to be judged anew.

        The file's digest is known: it takes longest, and is the same however it is judged.
        """
        same = Signature(self.reader, self.sig_field, self.fq_name)
        same.external_digests.update(self.external_digests)
        return same

    @property
    def fieldmdp(self) -> FieldMDPSpec | None:
        """Read the field lock of the signature, or else of its field."""
        if "/Reference" in self.sig_object:
            for reference in decrypted(self.sig_object["/Reference"]):
                if reference["/TransformMethod"] == "/FieldMDP":
                    return FieldMDPSpec.from_pdf_object(reference["/TransformParams"])
        if "/Lock" in self.sig_field:
            return FieldMDPSpec.from_pdf_object(decrypted(self.sig_field["/Lock"]))
        return None

    @property
    def seals(self) -> str:
        """Return what a signature of ours says of its seals; empty for one of others."""
        try:
            build = decrypted(self.sig_object["/Prop_Build"])["/App"]
            ours = str(build["/Name"]) == f"/{APPLICATION}"
            return str(build["/REx"])[:_LONGEST] if ours else ""
        except (KeyError, TypeError, ValueError):
            return ""

    @property
    def seed_value_spec(self) -> SigSeedValueSpec | None:
        """Read what the field asks of its signature."""
        if "/SV" not in self.sig_field:
            return None
        spec: SigSeedValueSpec = SigSeedValueSpec.from_pdf_object(decrypted(self.sig_field["/SV"]))
        return spec
