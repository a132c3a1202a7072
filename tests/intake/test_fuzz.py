"""Documents that were changed at random: no reader raises anything but its own refusal. The seeds are fixed."""

import io
import json
import random
import string
import zipfile
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from services import intake
from services.intake import Context, Found, Item, Limits, Rejected, TooLarge, UnknownFormat, Unreadable
from tests.intake.documents import DOCUMENTS

ROUNDS = 120
ACME = Context(client="acme", system="scanner", limits=Limits(bytes=200_000, items=200, depth=40, values=20_000))
INFINITE = "infinite"
ODD: list[Any] = [
    None, True, False, 0, -1, 10**13, 2**53 + 1, 1e308, "", " ", "FAIL", "2026-13-45", "2026-01-01T00:00:00Z", "\x00",
    "\ud800", "\u202e", INFINITE, "=1+1", "x" * 3000, [], {}, [[]], {"": None}, ["a", 1, None],
]  # fmt: skip
PIECES = [
    b"\x00", b"\xff", b"\xed\xa0\x80", b'"', b"'", b"\\", b"{", b"}", b"[", b"]", b"<", b">", b"&", b"&x;", b"*", b":",
    b";", b",", b"\n", b"\r", b"\t", b"- ", b"1e400", b"\\ud800", b"<!DOCTYPE a>", b"\xef\xbb\xbf",
]  # fmt: skip

Change = Callable[[bytes, random.Random], bytes]


def bytes_changed(document: bytes, chance: random.Random) -> bytes:
    """The document with some of its bytes gone, doubled, moved, or others in their place."""
    raw = bytearray(document)
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(raw) + 1)
        end = min(len(raw), start + chance.choice([0, 1, 1, 2, 8, 60]))
        put = chance.choice([b"", chance.choice(PIECES), chance.randbytes(2), bytes(raw[start:end]) * 2])
        raw[start:end] = put
    return bytes(raw[: chance.randrange(len(raw) + 1)] if chance.random() < 0.1 else raw)


def structure_changed(document: bytes, chance: random.Random) -> bytes:
    """JSON with some of its values and keys changed, an archive with a member; the bytes of anything else."""
    if document.startswith(b"PK"):
        return _member_changed(document, chance)
    try:
        value = json.loads(document)
    except ValueError:
        return bytes_changed(document, chance)
    for _ in range(chance.randint(1, 4)):
        value = _changed(value, chance)
    return json.dumps(value).replace(f'"{INFINITE}"', "1e400").encode()


def _member_changed(document: bytes, chance: random.Random) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(document)) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        hit = chance.choice(old.namelist())
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, bytes_changed(content, chance) if name == hit else content)
    return packed.getvalue()


def _changed(value: Any, chance: random.Random) -> Any:
    if not isinstance(value, dict | list) or not value or chance.random() < 0.1:
        return chance.choice(ODD)
    if isinstance(value, dict):
        key = chance.choice(list(value))
        rest = {name: one for name, one in value.items() if name != key}
        match chance.randrange(6):
            case 0:
                return rest
            case 1:
                return {**rest, chance.choice([*value, *string.ascii_letters, "\x00"]): value[key]}
            case _:
                return {**value, key: _changed(value[key], chance)}
    at = chance.randrange(len(value))
    match chance.randrange(6):
        case 0:
            return [*value[:at], *value[at + 1 :]]
        case 1:
            return [*value, value[at]]
        case _:
            return [*value[:at], _changed(value[at], chance), *value[at + 1 :]]


def well_formed(items: list[Item]) -> None:
    assert [item.index for item in items] == list(range(len(items)))
    for item in items:
        said = [item.finding.model_dump_json()] if isinstance(item, Found) else [str(item.external_id)]
        said += [f"{one.pointer}{one.detail}" for one in item.problems] if isinstance(item, Rejected) else []
        # Postgres holds no NUL, and UTF-8 no half of a pair.
        assert b"\x00" not in "".join(said).encode()
        assert "\\u0000" not in said[0]


@pytest.mark.parametrize(("format", "way"), DOCUMENTS)
def test_the_document_itself_has_two_findings(format: str, way: str) -> None:
    document = DOCUMENTS[format, way]
    assert intake.detect(document) == format
    assert [type(item) for item in intake.read(document, format, ACME)] == [Found, Found]


def test_every_format_is_there() -> None:
    assert {called for called, _ in DOCUMENTS} == set(intake.FORMATS)


@pytest.mark.parametrize("change", [bytes_changed, structure_changed])
@pytest.mark.parametrize(("format", "way"), DOCUMENTS)
def test_whatever_is_changed_it_is_items_or_a_named_refusal(format: str, way: str, change: Change) -> None:
    chance = random.Random(f"{format} {way} {change.__name__}")  # noqa: S311 - the same at every run
    for _ in range(ROUNDS):
        document = change(DOCUMENTS[format, way], chance)
        with suppress(Unreadable, TooLarge):
            well_formed(list(intake.read(document, format, ACME)))
        with suppress(UnknownFormat, TooLarge):
            assert intake.detect(document) in intake.FORMATS
