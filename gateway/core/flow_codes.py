"""What can be wrong with contract flows, and with documents that come back signed."""

from __future__ import annotations

from gateway.core.error_code import document, usage, waiting

_KEPT = "The copy that was sent out is still in todo/: sign that one, change nothing else."

FLOW_CODES = (
    document(
        "flow.ticket-field",
        "The flow asks for something that the document's ticket does not say.",
        "Write it below fields: in the ticket beside the document, then drop both again.",
    ),
    document(
        "flow.field-missing",
        "The document lacks the signature field that a step of the flow has to use.",
        "Use the right document, or give the step's field a place, so that it is made.",
    ),
    document(
        "flow.field-signed",
        "The signature field that a step of the flow has to use is signed already.",
        "Begin the flow with a document in which the field is empty.",
    ),
    document(
        "flow.field-taken",
        "The document has a form field of the name that the flow wants for a signature.",
        "Give the step's field another name in the flow's definition.",
    ),
    document(
        "flow.stopped",
        "The contract flow ended before this seal was put on; nothing was spent.",
        "Nothing: sealgate flows show FLOW tells why it ended.",
    ),
    document(
        "flow.not-extended",
        "The contract could not be extended for the long term before its flow had to end.",
        "It went out as it was signed. Let the flow's deadline be longer.",
    ),
    waiting(
        "flow.unproven",
        "The revocation data of somebody who signed outside could not be had yet.",
        "Nothing: it is asked for a few times more, then the contract is extended without them.",
    ),
    document(
        "flow.rejected",
        "A party of the contract flow said no.",
        "See who and why; drop a mended document to begin anew.",
    ),
    document(
        "flow.expired",
        "A party of the contract flow did not act in time.",
        "See whose turn it was: sealgate flows show FLOW; drop the document again to begin anew.",
    ),
    document(
        "flow.withdrawn",
        "The contract flow was called off.",
        "Drop the document again to begin anew.",
    ),
    usage(
        "flow.unknown",
        "There is no such contract flow, definition or template.",
        "See sealgate flows list, and the files in rules/flows/.",
    ),
    usage(
        "flow.runs",
        "The contract flow still runs, so there is no evidence of it yet.",
        "Wait for its end: sealgate flows show FLOW tells whose turn it is.",
    ),
    usage(
        "flow.no-evidence",
        "This is no evidence of a contract flow, or it cannot be read.",
        "Name the JSON file that lies beside the contract, or write it anew: sealgate flows"
        " evidence FLOW.",
    ),
    usage(
        "flow.unknown-person",
        "A party of the contract flow names a user or a group that is not there.",
        "Correct the name, or add it: sealgate users add, sealgate users groups. Until then"
        " nobody who logs in can act for the party.",
    ),
    usage(
        "flow.cannot-play",
        "This is nothing that a flow can be played with.",
        "See sealgate flows simulate --help, and docs/flows.md.",
    ),
    usage(
        "flow.unknown-step",
        "The contract flow has no such step, or several wait for this act.",
        "Name one of its steps: sealgate flows show FLOW.",
    ),
    usage(
        "flow.ended",
        "The contract flow has ended.",
        "Nothing can be done in it any more; sealgate flows show FLOW tells how it ended.",
    ),
    usage(
        "flow.not-open",
        "The step does not wait for this act.",
        "See sealgate flows show FLOW: it may be done already, or its turn has not come.",
    ),
    usage(
        "flow.not-your-step",
        "The step waits for somebody else.",
        "Let the party act whose turn it is, or have the step handed over.",
    ),
    usage(
        "flow.same-person",
        "One person cannot act for two of the steps that are open together.",
        "Let the other party's person act.",
    ),
    usage(
        "flow.not-withdrawable",
        "The flow can be withdrawn only by its owner, and only as long as its definition says.",
        "Ask its owner; a party whose turn it is can reject instead.",
    ),
    usage(
        "flow.not-delegable",
        "The step cannot be handed to that party.",
        "Name one of the step's delegates.",
    ),
    usage(
        "flow.not-here",
        "This act cannot be done this way.",
        "A document that is signed outside is brought back into the party's folder approve/;"
        " a rejection needs a reason.",
    ),
    document(
        "flow.other-document",
        "This is none of the documents that wait for this party.",
        "Move the file itself out of todo/, unchanged; what was signed outside keeps the number "
        "in its name.",
    ),
    document(
        "outside.altered",
        "The file that came back does not begin with the document that was sent out.",
        f"Some tools write a file anew instead of adding to it. {_KEPT}",
    ),
    document(
        "outside.too-large",
        "Far more was added to the file that came back than a signature needs.",
        _KEPT,
    ),
    document(
        "outside.unreadable",
        "The file that came back cannot be read.",
        _KEPT,
    ),
    document(
        "outside.unsigned",
        "The file that came back bears no new signature.",
        _KEPT,
    ),
    document(
        "outside.several",
        "The file that came back bears more than one new signature.",
        f"Sign once. {_KEPT}",
    ),
    document(
        "outside.signature-removed",
        "An earlier signature is missing in the file that came back, or it was broken.",
        _KEPT,
    ),
    document(
        "outside.changed",
        "More was changed in the file that came back than a signature changes.",
        _KEPT,
    ),
    document(
        "outside.invalid",
        "The new signature is not valid.",
        _KEPT,
    ),
    document(
        "outside.locks",
        "The new signature forbids what the flow still has to add, or locks what it may not.",
        f"Sign without certifying and without locking the document. {_KEPT}",
    ),
    document(
        "outside.wrong-signer",
        "The new signature is not by the certificate that the flow expects.",
        f"Use the certificate that was agreed. {_KEPT}",
    ),
    document(
        "outside.untrusted",
        "The new signature's certificate does not lead to an authority that the flow accepts.",
        f"Use a certificate of such an authority, or add it to the definition. {_KEPT}",
    ),
    document(
        "outside.expired",
        "The new signature's certificate has expired, is not yet valid or is revoked.",
        f"Use a valid certificate. {_KEPT}",
    ),
    document(
        "outside.not-for-signing",
        "The new signature's certificate is not meant for signing documents.",
        f"Use a certificate that was issued for signatures. {_KEPT}",
    ),
    document(
        "outside.wrong-field",
        "The signature was put into another field than the one prepared for this step.",
        _KEPT,
    ),
)
