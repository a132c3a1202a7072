"""The bounds of one document: every reader keeps them, and each is refused by its name."""

from dataclasses import fields, replace

import pytest

from services import intake
from services.intake import Context, Item, Limits, Rejected, TooLarge
from services.intake.items import Bound
from services.settings import AT_ONCE, BadSettings, Settings
from tests.intake.documents import DOCUMENTS


@pytest.mark.parametrize(
    ("limits", "code"), [(Limits(bytes=100), "too_many_bytes"), (Limits(items=1), "too_many_items")]
)
@pytest.mark.parametrize(("called", "way"), DOCUMENTS)
def test_every_reader_keeps_bytes_and_items(called: str, way: str, limits: Limits, code: Bound) -> None:
    with pytest.raises(TooLarge) as refused:
        list(intake.read(DOCUMENTS[called, way], called, Context(client="acme", limits=limits)))
    assert refused.value.code == code


JSON = [(called, way) for (called, way), document in DOCUMENTS.items() if document[:1] in b"{["]


@pytest.mark.parametrize(("called", "way"), JSON)
def test_every_reader_of_json_keeps_the_depth(called: str, way: str) -> None:
    deep = DOCUMENTS[called, way].replace(b'": "', b'": ' + b"[" * 70 + b"]" * 70 + b', "x": "', 1)
    try:
        codes = [item.problem.code for item in _items(deep, called) if isinstance(item, Rejected)]
    except TooLarge as refused:
        codes = [refused.code]
    # Of lines, one that nests too deep loses no other.
    assert codes == ["too_deep"]


def _items(document: bytes, called: str) -> list[Item]:
    return list(intake.read(document, called, Context(client="acme", system="scanner")))


def test_every_bound_is_a_setting() -> None:
    names = {f"document_{bound.name}" for bound in fields(Limits)}
    assert names == {name for name in Settings.model_fields if name.startswith("document_")}
    environ = {f"CLOSEOUT_{name.upper()}": str(2**28 + index) for index, name in enumerate(sorted(names))}
    bounds = Settings.load(environ=environ | {"CLOSEOUT_DOCUMENT_DEPTH": "7"}).bounds
    given = {name.removeprefix("document_"): 2**28 + index for index, name in enumerate(sorted(names))}
    assert bounds == Limits(**(given | {"depth": 7}))


def test_what_is_answered_at_once_has_ten_thousand_findings_at_most() -> None:
    settings = Settings()
    assert (settings.bounds.items, settings.bounds_at_once.items) == (100_000, AT_ONCE)
    assert replace(settings.bounds_at_once, items=settings.bounds.items) == settings.bounds
    assert Settings(document_items=5).bounds_at_once.items == 5


@pytest.mark.parametrize("name", [f"document_{bound.name}" for bound in fields(Limits)])
def test_a_bound_of_nothing_is_no_bound(name: str) -> None:
    with pytest.raises(BadSettings, match=name):
        Settings.load({name: 0}, {})
