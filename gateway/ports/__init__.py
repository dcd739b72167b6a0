"""The ports: what the verbs need from the world, each small enough to be written again.

Every implementation of a port passes that port's one contract suite in `tests/contracts/`.
"""

from gateway.ports.clock import Clock
from gateway.ports.documents import (
    Documents,
    Expectation,
    Extension,
    Prepared,
    Proof,
    SignatureReport,
    Signer,
)
from gateway.ports.folders import Bystander, Candidate, Inbox, Outbox, Parcel, ReceiptWriter, Vault
from gateway.ports.ledger import (
    Accounts,
    Hold,
    Holds,
    Jobs,
    Memory,
    Quotas,
    Renewal,
    Renewals,
    SigningLog,
)
from gateway.ports.log_tail import LogTail
from gateway.ports.monitoring import Meter, Watched
from gateway.ports.notices import (
    NoticeBooks,
    NoticeQueue,
    NoticeState,
    NoticeTally,
    Notifier,
    QueuedNotice,
)
from gateway.ports.seals import (
    Artwork,
    MadePage,
    ReadyTemplate,
    SealArtist,
    SealArtwork,
    SealDesigns,
    SealPages,
    SealRegistry,
    SealUse,
    SealUses,
    Use,
    Wish,
)
from gateway.ports.services import (
    AnswerForm,
    Authorization,
    Credential,
    DigestService,
    Evidence,
    EvidenceSource,
    Outcome,
    Timestamper,
)
from gateway.ports.status import Noticeboard

__all__ = [
    "Accounts",
    "AnswerForm",
    "Artwork",
    "Authorization",
    "Bystander",
    "Candidate",
    "Clock",
    "Credential",
    "DigestService",
    "Documents",
    "Evidence",
    "EvidenceSource",
    "Expectation",
    "Extension",
    "Hold",
    "Holds",
    "Inbox",
    "Jobs",
    "LogTail",
    "MadePage",
    "Memory",
    "Meter",
    "NoticeBooks",
    "NoticeQueue",
    "NoticeState",
    "NoticeTally",
    "Noticeboard",
    "Notifier",
    "Outbox",
    "Outcome",
    "Parcel",
    "Prepared",
    "Proof",
    "QueuedNotice",
    "Quotas",
    "ReadyTemplate",
    "ReceiptWriter",
    "Renewal",
    "Renewals",
    "SealArtist",
    "SealArtwork",
    "SealDesigns",
    "SealPages",
    "SealRegistry",
    "SealUse",
    "SealUses",
    "SignatureReport",
    "Signer",
    "SigningLog",
    "Timestamper",
    "Use",
    "Vault",
    "Watched",
    "Wish",
]
