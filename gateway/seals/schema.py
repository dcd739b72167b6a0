"""Write the JSON Schema of designs for editors: `python -m gateway.seals.schema [FOLDER]`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from gateway.seals.design_models import Design

FILE = "design.schema.json"


def schema() -> str:
    """Return the schema as indented JSON with a final newline."""
    value = Design.model_json_schema(mode="validation")
    value["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("docs/schema")
    (folder / FILE).write_text(schema(), encoding="utf-8")
