"""Write the JSON Schemas for editors: `python -m gateway.settings.schema [FOLDER]`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pydantic import BaseModel

from gateway.settings.flow_models import FlowFile
from gateway.settings.manifest_file import ManifestFile
from gateway.settings.rule_models import RuleFile
from gateway.settings.site_models import SiteFile
from gateway.settings.ticket_models import TicketFile

FILES: dict[str, type[BaseModel]] = {
    "gateway.schema.json": SiteFile,
    "rules.schema.json": RuleFile,
    "flow.schema.json": FlowFile,
    "ticket.schema.json": TicketFile,
    "manifest.schema.json": ManifestFile,
}


def schema(name: str) -> str:
    """Return one schema as indented JSON with a final newline."""
    value = FILES[name].model_json_schema(mode="validation")
    value["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("docs/schema")
    for file in FILES:
        (folder / file).write_text(schema(file), encoding="utf-8")
