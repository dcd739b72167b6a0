"""What can be wrong with one document, in the order in which it is found out."""

from __future__ import annotations

from gateway.core.error_code import document

_RESAVE = "Open the file in the program that made it, save it as a new PDF and drop it again."

DOCUMENT_CODES = (
    document(
        "intake.not-a-pdf",
        "The file is not a PDF: it does not start with a PDF header.",
        "Export the document as PDF and drop it again.",
    ),
    document(
        "intake.empty", "The file has no content.", "Drop the file again; the copy was cut off."
    ),
    document(
        "intake.too-large",
        "The file is larger than this site accepts.",
        "Split the document, or ask the operator to raise limits.max_file_size.",
    ),
    document(
        "pdf.truncated",
        "The PDF ends before its end-of-file mark.",
        "The copy was probably cut off: drop the file again from its source.",
    ),
    document("pdf.unreadable", "The PDF's structure cannot be read.", _RESAVE),
    document(
        "pdf.unsafe-structure",
        "The PDF's table of objects contradicts its content; a change could destroy it.",
        _RESAVE,
    ),
    document(
        "pdf.not-repairable",
        "The PDF's structure cannot be mended without changing the document.",
        _RESAVE,
    ),
    document("pdf.no-pages", "The PDF has no page that could carry a seal.", _RESAVE),
    document(
        "pdf.page-tree",
        "The PDF's list of pages contradicts itself.",
        _RESAVE,
    ),
    document(
        "pdf.encrypted",
        "The PDF is encrypted and cannot be sealed without its password.",
        "Add its password to passwords in gateway.yaml, or save the document without protection.",
    ),
    document(
        "pdf.unrenderable",
        "The PDF cannot be drawn, so nobody could check where its seal stands.",
        _RESAVE,
    ),
    document(
        "pdf.too-costly",
        "The PDF took more time or memory than one document may.",
        "Save it as a new, simpler PDF, or ask the operator to raise the limits.",
    ),
    document(
        "pdf.dynamic-xfa",
        "The PDF is an XFA form whose pages are made up by the viewer.",
        "Print the filled form to a PDF and drop that.",
    ),
    document(
        "pdf.certified-no-changes",
        "The PDF is certified and its author allows no further change.",
        "Ask the author for a copy that is not certified, or certified to allow signing.",
    ),
    document(
        "pdf.earlier-signature-broken",
        "An earlier signature in the PDF is not valid for its content.",
        "Do not rely on this copy; ask its sender for an intact one.",
    ),
    document(
        "pdf.earlier-signature-affected",
        "A seal would break an earlier signature, certification or lock in the PDF.",
        "Ask the first signer to allow further signatures, or seal before the others sign.",
    ),
    document(
        "pdf.finding-refused",
        "The PDF has something in it with which its rule does not seal.",
        "Ask its sender for a copy without it, or name it in the rule's allow: "
        "docs/examination.md says what each finding means.",
    ),
    document(
        "pdf.usage-rights",
        "The PDF grants its users rights that a seal would exceed, which would end them.",
        "Ask its author for a copy that is not extended for readers, or print it to a new PDF.",
    ),
    document(
        "archive.missing",
        "An archived file is not where it was laid.",
        "Bring it back from the backup; its time-stamp is renewed by the next sweep --renew.",
    ),
    document(
        "pdf.cannot-extend",
        "The document is built so that no validation data can be appended to a signature in it.",
        "Seal it at level B-T, or have the document made anew.",
    ),
    document(
        "plan.profile-not-possible",
        "The rule's profile asks for signed attributes that its service does not let us make.",
        "Leave commitment and policy out of the rule's profile, or use another service.",
    ),
    document(
        "pdf.field-demands",
        "The signature field demands something that this seal would not meet.",
        "Change the rule's profile, or ask the document's author to change the field.",
    ),
    document(
        "pdf.unsupported",
        "The PDF uses a feature with which it cannot be sealed safely.",
        _RESAVE,
    ),
    document(
        "rules.no-match",
        "No rule applies to this file.",
        "See the trace in the receipt; add or change a rule, then use sealgate retry.",
    ),
    document(
        "plan.page-missing",
        "The rule places the seal on a page that the document does not have.",
        "Change the rule's place, or match on the number of pages.",
    ),
    document(
        "plan.seal-off-page",
        "The seal would not lie fully on the page.",
        "Change its margin or offset, let it fit: move or scale, or use a smaller seal.",
    ),
    document(
        "plan.seal-too-small",
        "Nothing would be seen of the seal in the size that its place wants.",
        "Give the place a width at which the seal is at least 5 mm across and down.",
    ),
    document(
        "plan.size-fixed",
        "The seal may be shown in its own size only.",
        "Leave width out of its place, or ask its keeper: sealgate seals change NAME --any-size.",
    ),
    document(
        "plan.text-not-found",
        "The text that anchors the seal is not on any page.",
        "Check the rule's find; scanned pages have no text.",
    ),
    document(
        "plan.no-text",
        "The document's pages have no text at all that could anchor the seal: it may be a scan.",
        "Give the rule's place a fallback, or have the scan's text recognised first.",
    ),
    document(
        "plan.anchor-missing",
        "The form field or comment that anchors the seal is not in the document.",
        "Check the rule's find; sealgate explain --json lists fields and comments.",
    ),
    document(
        "plan.no-free-place",
        "No place on the page is free of text and large enough for the seal.",
        "Leave avoid out, use a smaller seal, or give the rule's place a fallback.",
    ),
    document(
        "plan.too-few-pages",
        "A straddle seal needs two pages or more to lie on.",
        "Let the rule match pages: '>=2', or give the place fallback: skip.",
    ),
    document(
        "plan.type-unknown",
        "The rule's table has no row for this type of document, and none for others.",
        "Add a row, or otherwise: to the table.",
    ),
    document(
        "plan.nowhere",
        "The rule's own seal, which signs, has no place in this document.",
        "Give one of its places a fallback that is always there.",
    ),
    document(
        "plan.too-many-places",
        "The rule would put seals in more places than one document may have.",
        "Choose fewer pages or occurrences.",
    ),
    document(
        "plan.stamps-after-signature",
        "The document is signed already, and a seal in a second place would break that signature.",
        "Let the rule place one seal on signed documents: match: {signatures: any}.",
    ),
    document(
        "pdf.claims-lost",
        "The seal would make untrue what the document claims to be, and the rule insists on it.",
        "Use artwork without transparency and with embedded fonts, or leave keep out of the rule.",
    ),
    document(
        "plan.field-missing",
        "The document has no empty signature field as the rule names it.",
        "Check the rule's place; sealgate explain shows the document's empty fields.",
    ),
    document(
        "plan.field-signed",
        "The signature field that the rule names is signed already.",
        "Let the rule name another field, or match on the number of signatures.",
    ),
    document(
        "plan.field-ambiguous",
        "The document has more than one empty signature field.",
        "Name the field in the rule's place instead of writing only.",
    ),
    document(
        "plan.field-unusable",
        "The signature field cannot carry a seal.",
        "Let the rule place the seal elsewhere, or ask the document's author to mend the field.",
    ),
    document(
        "plan.cannot-certify",
        "The rule certifies, but the document is already signed.",
        "Let the rule match unsigned documents only, or leave certify out.",
    ),
    document(
        "gate.original-changed",
        "The sealed file does not begin with the original's bytes; it was not released.",
        "Report this with the job's number: it is a defect or a damaged disk.",
    ),
    document(
        "gate.signature-invalid",
        "The new signature did not validate; the file was not released.",
        "Run sealgate services test; if it succeeds, report this with the job's number.",
    ),
    document(
        "gate.signer-unexpected",
        "The signature was made by another certificate than planned; the file was not released.",
        "Check the credential in gateway.yaml against the service, then use sealgate retry.",
    ),
    document(
        "gate.signer-untrusted",
        "The signer's certificate does not lead to a trust anchor of this site.",
        "Add the issuing authority to trust.anchors in gateway.yaml, then use sealgate retry.",
    ),
    document(
        "gate.seal-misplaced",
        "The seal is not on the page and place that was planned; the file was not released.",
        "Report this with the job's number.",
    ),
    document(
        "gate.earlier-signature-affected",
        "An earlier signature no longer validates; the file was not released.",
        "Seal a copy without that signature, or report this with the job's number.",
    ),
    document(
        "gate.page-changed",
        "A page looks different outside the seal; the file was not released.",
        _RESAVE,
    ),
    document(
        "sign.given-up",
        "The digest service refused this document's digest again and again while it served others.",
        "Use sealgate retry; if it fails again, report it to the digest service.",
    ),
    document(
        "sign.answer-too-large",
        "The service's answer does not fit the space reserved for it in the file.",
        "Use sealgate retry: a CMS of a digest-cms service is asked for anew with more room, for "
        "its old one fits no file. If it fails again, report this with the job's number.",
    ),
)
