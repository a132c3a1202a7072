"""Real documents of other systems, and what is to become of each. They stand beside the checkout, no part of it."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
beside = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample documents are not beside this checkout")

_MEDIA_TYPES = {
    ".json": "application/json",
    ".jsonl": "application/x-ndjson",
    ".sarif": "application/sarif+json",
    ".csv": "text/csv",
    ".xml": "application/xml",
    ".yaml": "application/yaml",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

Receipt = Mapping[str, Any]
"""What becomes of a document; see receipts.toml."""


def _receipts() -> Mapping[str, Receipt]:
    folders = tomllib.loads(Path(__file__).with_name("receipts.toml").read_text())
    return {f"{folder}/{name}".lstrip("/"): one for folder, files in folders.items() for name, one in files.items()}


RECEIPTS = _receipts()
"""By path within the samples."""


def media_type(path: str) -> str:
    """What a sender would call it."""
    return _MEDIA_TYPES.get(Path(path).suffix, "application/octet-stream")
