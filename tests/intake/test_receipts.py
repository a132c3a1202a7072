"""Every sample document becomes what its receipt says."""

from collections import Counter
from contextlib import suppress

import pytest

from services import intake
from services.intake import Context, Found, Item, Rejected, Skipped, TooLarge, UnknownFormat, Unreadable
from services.intake.apart import Asked
from tests.intake.samples import RECEIPTS, SAMPLES, Receipt, beside, media_type

pytestmark = beside
ACME = Context(client="acme", system="scanner", source="scanner")
NOT_JSON = {"not_json", "not_utf8", "empty", "too_deep"}


def became(document: bytes, media_type: str) -> Receipt:
    """The receipt of a document, in the words of the table."""
    try:
        asked = Asked(document, ACME, media_type=media_type)
        called, items = asked.called(), [item for batch in asked.read() for item in batch.items]
    except UnknownFormat as error:
        return {"status": 415, "code": error.code}
    except TooLarge as error:
        return {"status": 413, "code": error.code}
    except Unreadable as error:
        place = {"line": error.line, "column": error.column, "path": error.path}
        return {"status": 400, "code": error.code} | {name: at for name, at in place.items() if at is not None}
    return {"format": called, **counted(items)}


def counted(items: list[Item]) -> Receipt:
    found = [item.finding.source.external_id for item in items if isinstance(item, Found)]
    rejected = Counter(item.problem.code for item in items if isinstance(item, Rejected))
    told = Counter(found=len(found)) + Counter[str](item.reason for item in items if isinstance(item, Skipped))
    return {
        **told,
        **({"rejected": dict(rejected)} if rejected else {}),
        **({"named": len(set(found))} if len(set(found)) < len(found) else {}),
    }


def test_every_sample_has_a_receipt() -> None:
    assert {file.relative_to(SAMPLES).as_posix() for file in SAMPLES.rglob("*") if file.is_file()} == set(RECEIPTS)


@pytest.mark.parametrize("folder", sorted({path.rpartition("/")[0] for path in RECEIPTS}))
def test_every_sample_becomes_what_its_receipt_says(folder: str) -> None:
    there = {path: one for path, one in RECEIPTS.items() if path.rpartition("/")[0] == folder}
    assert {path: became((SAMPLES / path).read_bytes(), media_type(path)) for path in there} == there


def test_json_that_must_be_refused_is_refused_and_json_that_must_be_read_is_read() -> None:
    suite = {path.rpartition("/")[2]: one for path, one in RECEIPTS.items() if "/json_nst/" in path}
    wrong = [name for name, one in suite.items() if name.startswith("n_") and one.get("code") not in NOT_JSON]
    wrong += [name for name, one in suite.items() if name.startswith("y_") and one.get("code") in NOT_JSON]
    assert suite
    assert wrong == []


def test_read_as_any_format_a_sample_becomes_items_or_a_refusal() -> None:
    for file in sorted(path for path in SAMPLES.rglob("*") if path.is_file()):
        document = file.read_bytes()
        for called in intake.FORMATS:
            with suppress(Unreadable, TooLarge, UnknownFormat):
                for item in intake.read(document, called, ACME):
                    assert not isinstance(item, Rejected) or item.problems
