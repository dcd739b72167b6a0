"""What a document has used counts against what it may still use, step by step."""

from __future__ import annotations

from pathlib import Path

from gateway.core.facts import NOTHING
from gateway.pdf import wire
from gateway.pdf.spending import Spent

DOCUMENT = Path("/job/original.pdf")
EXAMINE = wire.ExamineRequest(path=DOCUMENT, wanted=NOTHING)
REPAIR = wire.RepairRequest(original=DOCUMENT, draft=Path("/job/draft"))
VERIFY = wire.VerifyRequest(path=Path("/job/sealed.pdf"), anchors=())
DRAW = wire.DrawRequest(path=DOCUMENT, page=0, png=Path("/x.png"), longest=100, paper=True)


def test_steps_share_what_a_document_may_use() -> None:
    """What one step has used, the next ones have not; the same step again counts once."""
    spent = Spent(20)
    assert spent.left(EXAMINE) == 20
    spent.note(EXAMINE, 8)
    assert (spent.left(EXAMINE), spent.left(REPAIR)) == (20, 12)
    spent.note(REPAIR, 5)
    spent.note(REPAIR, 7)
    assert (spent.left(REPAIR), spent.left(VERIFY), spent.left(DRAW)) == (12, 20, 60)
    spent.note(EXAMINE, 2)
    assert spent.left(REPAIR) == 18, "examining begins anew"
    spent.note(EXAMINE, 30)
    assert spent.left(REPAIR) == 1, "there is always time to refuse"
