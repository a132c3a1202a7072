"""Pictures as geometry: what lies where."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_date

from services.console.frame.reader import Reader
from services.console.frame.rendering import ENVIRONMENT, clean
from services.console.pictures.differences import Difference, differences
from services.console.pictures.fishbone import fishbone
from services.console.pictures.gantt import gantt
from services.console.pictures.scale import MARKS, Scale
from workflows.nonconformity.commands import Cause
from workflows.nonconformity.parts import Action

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Berlin")


def action(key: str, days: int, *after: str, done: date | None = None) -> Action:
    due = (NOW + timedelta(days=days)).date()
    return Action(key=key, text=key, causes=("c",), owner=None, due_on=due, after=after, done_on=done)


@pytest.mark.parametrize("days", [0, 1, 3, 40, 400, 4000, 60_000])
def test_a_scale_keeps_order_and_has_few_marks(days: int) -> None:
    scale = Scale.over([NOW, NOW + timedelta(days=days)], 0, 900)
    assert 0 <= scale.x(NOW) <= scale.x(NOW + timedelta(days=days)) <= 900
    assert scale.x(NOW - timedelta(days=9999)) == 0
    ticks = scale.ticks(ZONE)
    assert len(ticks) <= MARKS + 1
    assert [tick.x for tick in ticks] == sorted(tick.x for tick in ticks)


def test_an_action_begins_when_what_it_waits_for_is_due() -> None:
    drawn = gantt([action("b", 20, "a"), action("a", 5)], {}, NOW, ZONE)
    assert drawn is not None
    first, second = drawn.lines
    assert (first.key, second.key) == ("a", "b")
    assert second.x == pytest.approx(first.x + first.width, abs=0.2)
    assert len(drawn.arrows) == 1


@pytest.mark.parametrize(("far", "points"), [(-2300, -1), (36_500, 1)])
def test_one_date_in_error_takes_no_room_from_the_others(far: int, points: int) -> None:
    usual = gantt([action("a", 10), action("b", 30)], {"a": NOW, "b": NOW}, NOW, ZONE)
    drawn = gantt([action("a", 10), action("b", 30), action("c", far)], {"a": NOW, "b": NOW, "c": NOW}, NOW, ZONE)
    assert usual is not None and drawn is not None
    lines = {line.key: line for line in drawn.lines}
    assert [(lines[one.key].x, lines[one.key].width) for one in usual.lines] == [(o.x, o.width) for o in usual.lines]
    assert [lines[key].beyond for key in "ab"] == ["", ""]
    day = format_date(action("c", far).due_on, "d MMM y", locale="en_GB")
    assert (lines["c"].beyond, lines["c"].points) == (day, points)
    told = ENVIRONMENT.get_template("gantt.html").render(gantt=drawn)
    assert told.count('class="beyond"') == 1 and f"until {day}, beyond this picture" in told


def test_of_one_day_the_marks_are_days() -> None:
    drawn = gantt([action("a", 0)], {"a": NOW}, NOW, ZONE)
    assert drawn is not None
    assert [tick.label for tick in drawn.ticks] == ["1 Mar", "2 Mar"]


def test_actions_of_one_date_stand_below_what_they_wait_for_and_in_the_order_of_their_numbers() -> None:
    waiting = [action("b10", 5, "b8"), action("b9", 5), action("b8", 5), action("b1", 5, "b10"), action("b2", 5)]
    drawn = gantt(waiting, {one.key: NOW for one in waiting}, NOW, ZONE)
    assert drawn is not None
    assert [line.key for line in drawn.lines] == ["b2", "b8", "b9", "b10", "b1"]


def test_actions_without_a_date_are_not_drawn() -> None:
    undated = Action(key="x", text="x", causes=("c",), owner=None, due_on=None, after=())
    assert gantt([undated], {}, NOW, ZONE) is None
    drawn = gantt([undated, action("a", -3), action("d", 3, done=NOW.date())], {}, NOW, ZONE)
    assert drawn is not None
    assert [line.state for line in drawn.lines] == ["overdue", "done"]


@pytest.mark.parametrize(("done", "days"), [(-30, 30), (2, 1), (-1, 10), (0, 400)])
def test_a_done_action_ends_where_it_was_done(done: int, days: int) -> None:
    day = (NOW + timedelta(days=done)).date()
    drawn = gantt([action("a", days, done=day), action("b", days + 9, "a")], {"a": NOW, "b": NOW}, NOW, ZONE)
    assert drawn is not None
    first, second = sorted(drawn.lines, key=lambda line: line.key)
    assert first.state == "done"
    assert first.done_x is not None
    assert first.x <= first.done_x <= first.x + max(first.width, 4)
    assert first.done_x == pytest.approx(first.x + first.width, abs=4.1)
    assert second.x == pytest.approx(max(first.done_x, drawn.now_x), abs=0.2)
    assert format_date(day, "d MMM y", locale="en_GB") in first.span


def test_words_of_a_chart_are_drawn_last() -> None:
    drawn = gantt([action("a", 5)], {"a": NOW}, NOW, ZONE)
    text = ENVIRONMENT.get_template("gantt.html").render(gantt=drawn)
    svg = text.partition("<svg")[2].partition("</svg>")[0]
    assert svg.rindex('class="now"') < svg.index(">a: a</text>")
    assert svg.rindex("<rect") < svg.index(">a: a</text>")


def test_a_fishbone_has_a_rib_for_each_category_and_no_line_beyond_it() -> None:
    causes = [Cause(key=f"c{n}", category=f"K{n % 3}", text="word " * 40) for n in range(6)]
    drawn = fishbone([*causes, Cause(key="x", text="Alone")], "What happened")
    assert [rib.name.text for rib in drawn.ribs] == ["K0", "K1", "K2", "Causes"]
    for rib in drawn.ribs:
        assert all(0 < line.y < drawn.height and 0 < line.x < rib.x2 for line in rib.lines)


def test_differences_name_the_place_by_its_key() -> None:
    was = {"plan": 1, "actions": [{"key": "a", "text": "Do.", "after": []}], "correction": None}
    now = {"plan": 2, "actions": [{"key": "a", "text": "Do it.", "after": ["b"]}], "correction": {"text": "Done."}}
    assert differences(was, now) == [
        Difference("Actions › a › Text", "Do.", "Do it."),
        Difference("Actions › a › After", None, "b"),
        Difference("Correction › Text", None, "Done."),
    ]
    assert differences(now, now) == []


def test_what_the_record_could_not_hold_is_shown_as_a_mark() -> None:
    assert clean("a\x1a0000b\x1ad800c") == "a\ufffdb\ufffdc"
    assert clean("\u202efdp.exe\u202c \u05d0\u200f") == "\ufffdfdp.exe\u202c \u05d0\u200f"
    assert clean("bell\x07 del\x7f\ttab\nline") == "bell\u2407 del\u2421\ttab\nline"


@pytest.mark.parametrize(
    ("offset", "words"),
    [
        (timedelta(days=3), "in 3 days"),
        (timedelta(hours=14), "tomorrow"),
        (timedelta(hours=5), "today"),
        (timedelta(minutes=-20), "20 minutes ago"),
        (timedelta(days=-1), "yesterday"),
        (timedelta(days=-9), "9 days ago"),
        (timedelta(seconds=10), "now"),
    ],
)
def test_how_far_off_is_said_by_the_readers_calendar(offset: timedelta, words: str) -> None:
    assert Reader(ZONE, NOW).away(NOW + offset) == words
