import json
import re

import pytest

from tests.rules.freeze import FOLDER, file_of
from workflows.registry import EVENTS, decode

FILES = sorted(FOLDER.glob("*.json"))


def test_every_event_has_a_frozen_example() -> None:
    assert {name for name, event in EVENTS.items() if not file_of(name, event.v).exists()} == set()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_stored_event_is_read_for_ever(file: object) -> None:
    path = next(item for item in FILES if item == file)
    found = re.fullmatch(r"(?P<type>.+)\.v(?P<v>\d+)\.json", path.name)
    assert found is not None
    data = json.loads(path.read_text("utf-8"))
    event = decode(found["type"], int(found["v"]), data)
    assert type(event) is EVENTS[found["type"]]
    again = event.model_dump(mode="json")
    assert decode(event.type, event.v, again) == event
    # A field that came later has its default; nothing that was stored is lost or changed.
    assert int(found["v"]) < event.v or _holds(again, data)


def _holds(whole: object, part: object) -> bool:
    if isinstance(whole, dict) and isinstance(part, dict):
        return all(key in whole and _holds(whole[key], value) for key, value in part.items())
    if isinstance(whole, list) and isinstance(part, list):
        return len(whole) == len(part) and all(_holds(a, b) for a, b in zip(whole, part, strict=True))
    return whole == part
