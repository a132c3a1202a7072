"""A finding that a document states more than once: what counts, and what becomes of the items that say otherwise."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest

from services.intake import Context, Found, Item, Limits, Reason, Rejected, Skipped, canonical, ndjson
from services.intake.apart import Asked
from services.intake.statements import GONE, settled
from workflows.findings import Finding, Flag
from workflows.nonconformity.commands import Passed

KEY = Context(client="acme", system="scanner", source="scanner")
PERSON = Context(client="acme", system="manual")
THEN = datetime(2026, 3, 1, tzinfo=UTC)
LATER = THEN + timedelta(days=1)


def found(index: int, title: str, at: datetime | None = None, *, client: str = "acme", **source: str) -> Found:
    named = {"system": "scanner", "external_id": "F-1", **source}
    return Found(index, Finding.model_validate({"source": named, "client": client, "title": title}), revision=at)


def gone(index: int, at: datetime | None = None, reason: Reason = "passed", **told: str) -> Skipped:
    return Skipped(index, "F-1", reason, at, **told)


def registry(names: frozenset[str]) -> dict[str, str]:
    """Knows acme by several names."""
    return {name: "acme" for name in names if name.strip().lower() in ("acme", "acme ltd", "the old one")}


def said(items: Sequence[Item], context: Context = KEY) -> list[str]:
    """What each item says in the end: a title, or a reason."""
    shown = []
    for place, item in enumerate(settled(items, context, registry)):
        assert item.index == place
        match item:
            case Found():
                shown.append(item.finding.title)
            case Skipped():
                shown.append(item.reason)
            case Rejected():
                shown.append(item.problem.code)
    return shown


def test_what_is_stated_last_counts_for_every_item_and_its_own_words_are_flagged() -> None:
    items = [found(0, "one"), found(1, "else", external_id="F-2"), found(2, "two"), found(3, "one"), found(4, "two")]
    assert said(items) == ["two", "else", "two", "two", "two"]
    flags = [item.flags for item in settled(items, KEY) if isinstance(item, Found)]
    restated = (Flag(code="restated", pointer=""),)
    assert flags == [restated, (), (), restated, ()]


def test_an_item_says_it_at_its_own_place_by_its_own_delivery() -> None:
    first, last = replace(found(0, "one"), delivery="a"), replace(found(1, "two", LATER), delivery="b")
    told = [item for item in settled([first, last], KEY) if isinstance(item, Found)]
    assert [(item.index, item.delivery, item.revision) for item in told] == [(0, "a", LATER), (1, "b", LATER)]


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([found(0, "new", LATER), found(1, "old", THEN)], ["new", "new"]),
        ([found(0, "new", LATER), found(1, "undated"), found(2, "old", THEN)], ["undated"] * 3),
        ([found(0, "one", THEN), found(1, "two", THEN)], ["two", "two"]),
        ([found(0, "one"), gone(1)], ["one", "superseded"]),
        ([gone(0), found(1, "one"), gone(2, reason="archived")], ["superseded", "one", "superseded"]),
        ([found(0, "one", THEN), gone(1, THEN)], ["one", "superseded"]),
        ([gone(0, THEN), found(1, "one", THEN)], ["superseded", "one"]),
        ([found(0, "one", THEN), gone(1)], ["one", "superseded"]),
        ([found(0, "one", THEN), gone(1, LATER), found(2, "two", THEN)], ["superseded", "passed", "superseded"]),
        ([gone(0, LATER), found(1, "one", THEN)], ["passed", "superseded"]),
        ([gone(0, THEN), found(1, "one", LATER)], ["superseded", "one"]),
        ([gone(0), gone(1, reason="resolved")], ["resolved", "resolved"]),
        ([found(0, "one"), gone(1, reason="not_assessed")], ["one", "not_assessed"]),
        ([found(0, "one", THEN), gone(1, LATER, reason="superseded")], ["one", "superseded"]),
    ],
)
def test_the_newest_counts_and_what_is_both_found_and_gone_at_an_instant_is_found(
    items: Sequence[Item], expected: Sequence[str]
) -> None:
    assert said(items) == expected


def test_findings_of_two_clients_are_two() -> None:
    items: list[Item] = [
        found(0, "ours"),
        found(1, "theirs", client="globex"),
        gone(2, client="globex"),
        gone(3, client="initech"),
    ]
    assert said(items) == ["ours", "theirs", "superseded", "passed"]


def test_a_client_by_several_names_is_one() -> None:
    items: list[Item] = [
        found(0, "one", client="acme"),
        found(1, "theirs", client="globex"),
        found(2, "two", client="Acme Ltd"),
        gone(3, client="the old one"),
    ]
    assert said(items) == ["two", "theirs", "two", "superseded"]
    assert said([found(0, "one", THEN, client=" ACME"), gone(1, LATER, client="the old one")]) == [
        "superseded",
        "passed",
    ]
    assert said([found(0, "one", client="New One"), found(1, "two", client="new one ")]) == ["two", "two"]


def test_clients_are_asked_about_at_once_and_only_where_one_finding_has_several() -> None:
    asked: list[frozenset[str]] = []

    def noted(names: frozenset[str]) -> dict[str, str]:
        asked.append(names)
        return registry(names)

    several: list[Item] = [
        found(0, "a", client="acme"),
        found(1, "b", client="Acme Ltd"),
        found(2, "c", client="globex", external_id="F-2"),
        found(3, "d", client="initech", external_id="F-3"),
        gone(4, client="the old one"),
    ]
    assert len(list(settled(several, KEY, noted))) == 5
    assert asked == [frozenset({"acme", "Acme Ltd", "the old one"})]
    assert list(settled(several[2:], KEY, noted))
    assert len(asked) == 1


def test_what_passed_without_a_client_is_of_the_one_that_the_finding_names() -> None:
    nameless = Context(system="scanner", source="scanner")
    assert said([found(0, "one"), gone(1)], nameless) == ["one", "superseded"]
    assert said([found(0, "one", THEN), gone(1, LATER)], nameless) == ["superseded", "passed"]
    assert said([found(0, "one"), found(1, "two", client="globex"), gone(2)], nameless) == ["one", "two", "passed"]


def test_systems_are_apart_in_what_people_send_and_one_source_in_what_a_key_sends() -> None:
    items: list[Item] = [found(0, "one"), found(1, "two", system="other"), gone(2, system="third")]
    assert said(items, PERSON) == ["one", "two", "passed"]
    assert said(items, KEY) == ["two", "two", "superseded"]


def test_the_reasons_that_say_something_of_a_case_are_those_of_its_command() -> None:
    assert set(get_args(Passed)) == GONE


def read(*findings: Any, format: str = "json") -> list[str]:
    lines = [json.dumps(one) for one in findings]
    document = "\n".join(lines) if format == "ndjson" else f"[{', '.join(lines)}]"
    items = [item for batch in Asked(document.encode(), KEY, format).read() for item in batch.items]
    return said(items)


@pytest.mark.parametrize("format", ["json", "ndjson"])
def test_a_document_is_settled_as_it_is_read(format: str) -> None:
    one, two = ({"source": {"external_id": "F-1"}, "title": title} for title in ("one", "two"))
    assert read(one, {"title": "none"}, two, 7, format=format) == ["two", "missing", "two", "not_an_object"]


@pytest.mark.parametrize("another", ["F-1", " F-1 ", "F-1\n"])
def test_ids_that_become_the_same_are_seen_before_anything_is_read(another: str) -> None:
    one, two = ({"source": {"external_id": name}, "title": name} for name in ("F-1", another))
    assert canonical.repeats(json.dumps([one, two]).encode(), Limits())
    assert ndjson.repeats(f"{json.dumps(one)}\n{json.dumps(two)}".encode(), Limits())
    assert read(one, {**two, "title": "two"}) == ["two", "two"]


def test_a_document_of_distinct_ids_is_known_by_them() -> None:
    many = [{"source": {"external_id": str(n)}} for n in range(3)]
    assert not canonical.repeats(json.dumps([*many, {}, 7, {"source": {"external_id": 1}}]).encode(), Limits())
    assert not canonical.repeats(json.dumps(many[0]).encode(), Limits())
    assert not ndjson.repeats(b"\n".join([*(json.dumps(one).encode() for one in many), b"{", b"", b"7"]), Limits())
