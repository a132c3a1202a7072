import re
from collections import defaultdict
from pathlib import Path

import pytest

from services.handbook import diagram, policies_page, procedure_page
from services.handbook.diagrams import arrows
from services.handbook.fields import TABLES
from services.handbook.pages import PARTS, TITLES
from services.handbook.reactions import BY_THE_CLOCK, CAUSED
from services.handbook.recorded import events_of
from workflows.decider import kind_of
from workflows.policy import Policy
from workflows.policy_book import PACKAGED, read
from workflows.policy_doubts import doubts
from workflows.procedure import COMMON, SIGNING, AnotherClient
from workflows.registry import DECIDERS, EVENTS, PROCEDURES
from workflows.simulator import scenario
from workflows.simulator.play import play
from workflows.simulator.world import Turn

DOCS = Path(__file__).parents[2] / "docs"
LIVES = sorted((Path(__file__).parent / "lives").glob("*.toml"))


@pytest.fixture(scope="module")
def turns() -> list[Turn]:
    """All that happens in the lives."""
    return [turn for path in LIVES for turn in play(scenario.read(path)).world.turns]


def test_the_pages_are_current() -> None:
    # Written anew by `closeout states > docs/procedure.md` and `closeout policy fields > docs/policies.md`.
    assert (DOCS / "procedure.md").read_text("utf-8") == procedure_page()
    assert (DOCS / "policies.md").read_text("utf-8") == policies_page()


def test_every_command_refusal_and_state_is_on_the_page() -> None:
    page = procedure_page()
    assert set(TITLES) == set(PROCEDURES)
    for kind, procedure in PROCEDURES.items():
        chapter = page[page.index(f"\n## {TITLES[kind]}\n") :]
        for row in procedure.rows:
            assert f"| `{row.command}`" in chapter
            assert all(f"| `{refusal.code}` |" in chapter for guard in row.guards for refusal in guard.refusals)
            assert all(state in chapter for state in row.states | set(row.to))
            assert row.meaning in chapter
    assert all(
        f"| `{code}` |" in page for code in (*(refusal.code for refusal in (*COMMON, *SIGNING)), AnotherClient.code)
    )


def test_the_parts_of_a_chapter_are_its_rows_each_once() -> None:
    for kind, parts in PARTS.items():
        commands = [row.command for part in parts for row in part.rows]
        assert sorted(commands) == sorted(row.command for row in PROCEDURES[kind].rows)


def test_every_row_records_what_the_page_says(turns: list[Turn]) -> None:
    happened: dict[tuple[str, str | None], set[str]] = defaultdict(set)
    for turn in turns:
        happened[kind_of(turn.stream), turn.command] |= {one.event.type for one in turn.happened}
    for kind, procedure in PROCEDURES.items():
        for row in procedure.rows:
            said = {event.type for event in events_of(row.record)}
            assert said, row.command
            assert happened[kind, row.command] <= said
        assert happened[kind, None] <= {event.type for event in events_of(DECIDERS[kind].on_wakeup)}


def test_every_event_is_recorded_by_a_row_or_the_clock() -> None:
    by_rows = {event for procedure in PROCEDURES.values() for row in procedure.rows for event in events_of(row.record)}
    by_clock = {event for decider in DECIDERS.values() for event in events_of(decider.on_wakeup)}
    assert by_rows | by_clock == set(EVENTS.values())


def test_an_event_causes_what_the_page_says(turns: list[Turn]) -> None:
    caused = {
        (kind_of(turn.stream), one.event.type, kind_of(reaction.stream), reaction.name)
        for turn in turns
        for one in turn.happened
        for reaction in DECIDERS[kind_of(turn.stream)].react(turn.after, one)
    }
    assert caused <= {(one.of, one.event, one.on, one.command) for one in CAUSED}
    assert {one.event for one in CAUSED} <= set(EVENTS)


def test_what_comes_by_reaction_is_caused_by_something() -> None:
    rows = [(kind, row) for kind, procedure in PROCEDURES.items() for row in procedure.rows if row.internal]
    # What has roles comes by what these report.
    assert {(one.on, one.command) for one in CAUSED} == {(kind, row.command) for kind, row in rows if not row.who}


def test_things_move_as_the_diagrams_say(turns: list[Turn]) -> None:
    moved = set()
    for turn in turns:
        kind = kind_of(turn.stream)
        before, after = DECIDERS[kind].status(turn.before), DECIDERS[kind].status(turn.after)
        if before != after:
            moved.add((kind, turn.command, before, after))
    shown = {
        (kind, row.command, *arrow)
        for kind, procedure in PROCEDURES.items()
        for row in procedure.rows
        for arrow in arrows(kind, row)
    }
    assert moved <= shown | {(one.kind, None, one.start, one.end) for one in BY_THE_CLOCK}


def test_the_diagrams_show_the_way() -> None:
    shown = diagram("nonconformity", PROCEDURES["nonconformity"])
    for arrow in ("[*] --> reported", "open --> plan_submitted: submit_plan", "verified --> closed: close"):
        assert f"  {arrow}" in shown
    assert "dismissed --> [*]" in shown
    assert "ended --> lapsed: (a window closed)" in diagram("audit", PROCEDURES["audit"])


def test_every_table_and_every_packaged_policy_is_on_the_page_of_policies() -> None:
    page = policies_page()
    tables = {shape.__name__ for shape in TABLES} - {"Policy"}
    named = {name for name, shape in Policy.model_json_schema()["$defs"].items() if "properties" in shape}
    assert tables == named
    assert all(f"\n### {name}\n" in page for name in tables)
    assert all(f"| `{field}` |" in page for field in Policy.model_fields)
    for path in PACKAGED.glob("*.toml"):
        policy = read(path)
        assert f"\n### `{policy.name}` {policy.version}\n" in page
        assert policy.source in " ".join(page.split())


def test_the_policy_on_the_page_can_be_used(tmp_path: Path) -> None:
    found = re.search(r"```toml\n(.*?)```", policies_page(), re.DOTALL)
    assert found is not None
    path = tmp_path / "my-body.toml"
    path.write_text(found[1], encoding="utf-8")
    assert list(doubts(read(path))) == []
