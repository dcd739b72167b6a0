"""Difference analysis that lets a party sign and change nothing else.

pyHanko's own policy judges what may follow a signature; here the revision that was sent out may
have none yet. It also lets form fields be filled, objects lie about that nothing uses, and takes
new signature fields whatever else their dictionaries hold: none of that is signing.
"""

from __future__ import annotations

from collections.abc import Iterable

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import Reference
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader
from pyhanko.sign.diff_analysis import (
    CatalogModificationRule,
    DiffResult,
    DocInfoRule,
    DSSCompareRule,
    FieldComparisonContext,
    FieldComparisonSpec,
    FieldMDPRule,
    FormUpdate,
    FormUpdatingRule,
    MetadataUpdateRule,
    ModificationLevel,
    ObjectStreamRule,
    ReferenceUpdate,
    SigFieldCreationRule,
    SigFieldModificationRule,
    StandardDiffPolicy,
    SuspiciousModification,
    WhitelistRule,
    XrefStreamRule,
)

from gateway.core.errors import DocumentFault

_FORM = frozenset({"/Fields", "/DR", "/DA", "/Q", "/SigFlags"})
"""Entries of the form that signing tools write."""
_REDRAWN = "/NeedAppearances"
"""Asks viewers to draw fields by themselves; tools take it away, and may not add it."""
_FIELD = frozenset(
    {
        *("/FT", "/T", "/TU", "/TM", "/V", "/Ff", "/Lock", "/SV", "/Parent", "/Kids"),
        *("/Type", "/Subtype", "/Rect", "/P", "/F", "/AP", "/AS", "/M", "/NM", "/StructParent"),
        *("/DA", "/DR", "/Q", "/MK", "/BS", "/Border", "/C", "/H"),
    }
)
"""Entries of a signature field and its widget that show and do nothing by themselves."""


class _SigningForm(FormUpdatingRule):
    """The form's rule, for documents that have no form yet, too."""

    def apply(
        self, old: HistoricalResolver, new: HistoricalResolver
    ) -> Iterable[tuple[ModificationLevel, FormUpdate]]:
        if "/AcroForm" in old.root:
            if _redrawn(new) and not _redrawn(old):
                raise SuspiciousModification("viewers are asked to draw the form anew")
            yield from super().apply(old, new)
        elif "/AcroForm" in new.root:
            yield from self._made(old, new)

    def _made(
        self, old: HistoricalResolver, new: HistoricalResolver
    ) -> Iterable[tuple[ModificationLevel, FormUpdate]]:
        form = new.root["/AcroForm"]
        if not isinstance(form, generic.DictionaryObject) or not form.keys() <= _FORM:
            raise SuspiciousModification("the new form holds more than signing needs")
        entries = [new.root.raw_get("/AcroForm"), form.raw_get("/Fields")]
        if "/DR" in form:
            entries.append(form.raw_get("/DR"))
            used = new.collect_dependencies(form.raw_get("/DR"), since_revision=old.revision + 1)
            for reference in used:
                yield ModificationLevel.FORM_FILLING, FormUpdate(updated_ref=reference)
        for entry in entries:
            if isinstance(entry, generic.IndirectObject):
                if not old.is_ref_unassignable(entry.reference):
                    raise SuspiciousModification("the new form takes an object's place")
                yield ModificationLevel.LTA_UPDATES, FormUpdate(updated_ref=entry.reference)
        specs = dict(_new_fields(form))
        context = FieldComparisonContext(field_specs=specs, old=old, new=new)
        for rule in self.field_rules:
            yield from rule.apply(context)


def _redrawn(revision: HistoricalResolver) -> bool:
    form = revision.root["/AcroForm"] if "/AcroForm" in revision.root else None
    return isinstance(form, generic.DictionaryObject) and bool(form.get(_REDRAWN, False))


def _new_fields(form: generic.DictionaryObject) -> Iterable[tuple[str, FieldComparisonSpec]]:
    for entry in form["/Fields"]:
        field = entry.get_object()
        if field.get("/FT") != "/Sig" or "/T" not in field:
            raise SuspiciousModification("the new form has fields that are no signature fields")
        reference: Reference = entry.reference
        yield str(field["/T"]), FieldComparisonSpec("/Sig", None, reference, None)


class _PlainFields(FieldMDPRule):
    """Refuse new signature fields that do more than show a signature."""

    def apply(
        self, context: FieldComparisonContext
    ) -> Iterable[tuple[ModificationLevel, FormUpdate]]:
        for name, spec in context.field_specs.items():
            field = spec.new_field
            if spec.old_field_ref is None and field is not None:
                for one in (field, *(kid.get_object() for kid in field.get("/Kids", ()))):
                    if not one.keys() <= _FIELD:
                        more = ", ".join(sorted(one.keys() - _FIELD))
                        raise SuspiciousModification(f"field {name} has more to it: {more}")
        return ()


class _DroppedAppearances(WhitelistRule):
    """Take what poppler leaves behind when it draws a signature again: forms that nothing shows.

    It gives them generation 1 although there was no former one, so that nothing can mean them.
    """

    def apply(self, old: HistoricalResolver, new: HistoricalResolver) -> Iterable[ReferenceUpdate]:
        for reference in new.explicit_refs_in_revision():
            if reference.generation != 1:
                continue
            plain = Reference(reference.idnum, 0, new)
            if old.is_ref_unassignable(reference) and old.is_ref_unassignable(plain):
                dropped = new(reference)
                if isinstance(dropped, generic.StreamObject) and dropped.get("/Subtype") == "/Form":
                    yield ReferenceUpdate(updated_ref=reference)


_POLICY = StandardDiffPolicy(
    global_rules=[
        CatalogModificationRule(),
        DocInfoRule().as_qualified(ModificationLevel.LTA_UPDATES),
        XrefStreamRule().as_qualified(ModificationLevel.LTA_UPDATES),
        ObjectStreamRule().as_qualified(ModificationLevel.LTA_UPDATES),
        DSSCompareRule().as_qualified(ModificationLevel.LTA_UPDATES),
        MetadataUpdateRule().as_qualified(ModificationLevel.LTA_UPDATES),
        _DroppedAppearances().as_qualified(ModificationLevel.FORM_FILLING),
    ],
    form_rule=_SigningForm(
        [
            _PlainFields(),
            SigFieldCreationRule(),
            SigFieldModificationRule(),
        ],
        ignored_acroform_keys=_FORM | {_REDRAWN},
    ),
    ignore_orphaned_objects=False,
)


def check_only_signed(reader: PdfFileReader, revision: int) -> None:
    """Refuse a file in which more than signing happened after a revision (an index from 0).

    Raises `DocumentFault` (`outside.changed`).
    """
    result = _POLICY.review_file(reader, revision)
    if not isinstance(result, DiffResult):
        raise DocumentFault("outside.changed", str(result).partition("\n")[0][:200])
    if result.modification_level.value > ModificationLevel.FORM_FILLING.value:
        raise DocumentFault("outside.changed")


def check_only_evidence(reader: PdfFileReader, revision: int) -> None:
    """Refuse a file in which more than validation data and time-stamps came after a revision.

    Raises `DocumentFault` (`outside.changed`).
    """
    result = _POLICY.review_file(reader, revision)
    if (
        not isinstance(result, DiffResult)
        or result.modification_level.value > ModificationLevel.LTA_UPDATES.value
    ):
        raise DocumentFault("outside.changed", "more than evidence follows the new signature")
