"""The published format of receipts."""

from pathlib import Path

from gateway.pipeline.receipt_schema import schema

PUBLISHED = Path(__file__).parents[2] / "docs" / "schema" / "receipt.schema.json"


def test_published_schema_is_current() -> None:
    """docs/schema/receipt.schema.json is what the models say."""
    assert PUBLISHED.read_text() == schema()
