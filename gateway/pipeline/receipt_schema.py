"""Write the JSON Schema of receipts: `python -m gateway.pipeline.receipt_schema > FILE`."""

from __future__ import annotations

import json
import sys

from gateway.pipeline.receipt_parts import Receipt


def schema() -> str:
    """Return the schema as indented JSON with a final newline."""
    return json.dumps(Receipt.model_json_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema())
