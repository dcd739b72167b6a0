"""Write the JSON Schema of evidence: `python -m gateway.core.evidence_schema > FILE`."""

from __future__ import annotations

import json
import sys

from gateway.core.flow_evidence import FlowEvidence


def schema() -> str:
    """Return the schema as indented JSON with a final newline."""
    return json.dumps(FlowEvidence.model_json_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema())
