"""Write the JSON Schemas for editors: `python -m gateway.settings.schema FOLDER`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pydantic import BaseModel

from gateway.settings.models import RuleFile, SiteFile

FILES: dict[str, type[BaseModel]] = {"gateway.schema.json": SiteFile, "rules.schema.json": RuleFile}


def schema(name: str) -> str:
    """Return one schema as indented JSON with a final newline."""
    value = FILES[name].model_json_schema(mode="validation")
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for file in FILES:
        (Path(sys.argv[1]) / file).write_text(schema(file))
