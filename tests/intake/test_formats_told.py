"""docs/formats.md tells of every format and every bound, as they are."""

import re
from pathlib import Path
from typing import get_args

import pytest

from services.intake import FORMATS, Reason
from services.intake.items import Bound
from services.settings import Settings

TOLD = (Path(__file__).parents[2] / "docs" / "formats.md").read_text()
SECTIONS = dict(zip(*[iter(re.split(r"^## (.+)\n", TOLD, flags=re.MULTILINE)[1:])] * 2, strict=True))
BOUNDS = re.findall(r"^\| `(document_\w+)` \| (\d+) \| `(\w+)` \|", TOLD, re.MULTILINE)


def test_every_format_has_its_section() -> None:
    assert set(SECTIONS) - {"Bounds"} == set(FORMATS)


@pytest.mark.parametrize("name", FORMATS)
def test_a_section_says_what_identifies_is_skipped_and_is_whose(name: str) -> None:
    section = SECTIONS[name]
    assert re.findall(r"^- (.+?):", section, re.MULTILINE) == ["Identified by", "Skipped", "Severity", "Client"]
    known = FORMATS[name]
    said = set(re.findall(r"`([^`]+)`", section))
    assert {*known.media_types, *known.endings} <= said
    endings = {one for one in said if re.fullmatch(r"\.[a-z.]+", one)}
    assert endings == set(known.endings)


def test_every_reason_for_skipping_is_told() -> None:
    assert {reason for reason in get_args(Reason) if f"`{reason}`" not in TOLD.partition("## json")[0]} == set()


def test_every_bound_is_told_with_its_default_and_its_refusal() -> None:
    settings = {name: getattr(Settings(), name) for name in Settings.model_fields if name.startswith("document_")}
    assert {name: int(default) for name, default, _ in BOUNDS} == settings
    assert {code for _, _, code in BOUNDS} == set(get_args(Bound))
