"""The simulator itself: what it reads, what it says is wrong, and what it tells of a life."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.rules import walks as w
from tests.rules.life import CASE, World, policy
from workflows.nonconformity.rules import Nonconformity
from workflows.places import line_of
from workflows.registry import PROCEDURES
from workflows.simulator.moments import Moment, Reading, dated
from workflows.simulator.play import Played, book, play
from workflows.simulator.scenario import ScenarioError, located, read
from workflows.simulator.world import Sleepless

VIENNA = ZoneInfo("Europe/Vienna")
NOW = datetime(2030, 3, 4, 8, tzinfo=UTC)
PLAN = datetime(2030, 3, 18, 22, 59, 59, tzinfo=UTC)
READING = Reading(NOW, VIENNA, lambda name, of: PLAN if (name, of) == ("plan", None) else NOW)

Told = Callable[[str], Path]


@pytest.fixture
def told(tmp_path: Path) -> Told:
    """A scenario file of a text."""

    def write(text: str) -> Path:
        path = tmp_path / "life.toml"
        path.write_text(text, "utf-8")
        return path

    return write


def said(path: Path) -> list[str]:
    """What a scenario's play says is not as expected."""
    text = path.read_text("utf-8")
    return [located(path, text, failure.place, failure.why) for failure in play(read(path)).failures]


REPORT = 'title = "So"\n[[steps]]\nwho = "auditor"\ndo = "report"\nwith = { grade = "major" }\n'


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("+3 days", NOW + timedelta(days=3)),
        ("-1 week", NOW - timedelta(weeks=1)),
        ("+P1M", datetime(2030, 4, 4, 7, tzinfo=UTC)),  # nine o'clock there, in summer
        ("+1 month, 2 days", datetime(2030, 4, 6, 7, tzinfo=UTC)),
        ("+1 day and 6 hours", NOW + timedelta(days=1, hours=6)),
        ("plan", PLAN),
        ("2 days before plan", PLAN - timedelta(days=2)),
        ("1 second after plan", PLAN + timedelta(seconds=1)),
        ("6 months after start of second", datetime(2030, 9, 4, 7, tzinfo=UTC)),
        ("today", NOW),
        ("2030-04-01", datetime(2030, 4, 1, 7, tzinfo=UTC)),
        ("2030-03-05 14:30", datetime(2030, 3, 5, 13, 30, tzinfo=UTC)),
        ("2030-03-05T14:30:00Z", datetime(2030, 3, 5, 14, 30, tzinfo=UTC)),
        (datetime(2030, 3, 5, 14, 30), datetime(2030, 3, 5, 13, 30, tzinfo=UTC)),  # noqa: DTZ001 - TOML's local time
        (datetime(2030, 4, 1).date(), datetime(2030, 4, 1, 7, tzinfo=UTC)),  # noqa: DTZ001
    ],
)
def test_an_instant_is_read(written: object, at: datetime) -> None:
    assert Moment.read(written).at(READING) == at


@pytest.mark.parametrize("written", ["", "+3 moons", "soon enough", "2030-13-01", 7, None, "3 days beside plan"])
def test_what_is_no_instant_is_said(written: object) -> None:
    with pytest.raises(ValueError, match="no instant"):
        Moment.read(written)


def test_dates_in_a_body_are_filled_in_by_its_shape() -> None:
    def filled(command: str, body: dict[str, Any]) -> Any:
        return dated(body, PROCEDURES["nonconformity"].row(command).body, READING)

    assert filled("plan_action", {"due_on": "+20 days", "text": "+20 days"}) == {
        "due_on": "2030-03-24",
        "text": "+20 days",
    }
    assert filled("request_extension", {"until": "2 days after plan"}) == {"until": "2030-03-20T22:59:59+00:00"}
    found = {"detected_at": "-3 days", "audit": {"ref": "now", "ended_on": "-1 day"}}
    assert filled("report", {"finding": found})["finding"] == {
        "detected_at": "2030-03-01T08:00:00+00:00",
        "audit": {"ref": "now", "ended_on": "2030-03-03"},
    }
    # What it cannot read it leaves alone: the decider says what is wrong with it.
    assert filled("plan_action", {"due_on": "one day", "after": 3}) == {"due_on": "one day", "after": 3}


@pytest.mark.parametrize(("kind", "command"), [(k, row.command) for k, p in PROCEDURES.items() for row in p.rows])
def test_every_command_has_a_shape_to_read_dates_by(kind: str, command: str) -> None:
    unknown = {"nonsense": "+3 days"}
    assert dated(unknown, PROCEDURES[kind].row(command).body, READING) == unknown


def test_places_have_lines() -> None:
    text = """title = "x"
[client]
key = "a"
[[steps]]
note = '''
who = "nobody"
'''
who = "auditor"
[steps.expect.deadlines]
plan = 3
[[steps]]
"do" = "report"
with.grade = "minor"
"""
    for place, line in {
        (): 1,
        ("title",): 1,
        ("client", "key"): 3,
        ("client", "zone"): 2,
        ("steps", 0, "who"): 8,
        ("steps", 0, "expect", "deadlines", "plan", "due"): 10,
        ("steps", 1): 11,
        ("steps", 1, "do"): 12,
        ("steps", 1, "with", "grade"): 13,
        ("steps", 7): 4,
    }.items():
        assert line_of(text, place) == line, place


def test_tables_in_a_list_have_lines() -> None:
    text = """steps = [
  { do = "report", with = { requirements = [
    { clause = "8.4.1" },
  ] } },

  { do = "issue" },
]
[expect]
status = "open"
"""
    for place, line in {
        ("steps", 0, "with", "requirements", 0): 2,
        ("steps", 1, "do"): 6,
        ("steps", 2): 1,
        ("expect", "status"): 9,
    }.items():
        assert line_of(text, place) == line, place


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("title = ", "life.toml: not readable as TOML"),
        ('title = "So"\nsteps = []', "life.toml:2: steps: This list is empty"),
        (REPORT + 'colour = "red"', "life.toml:6: steps.1.colour: There is no such field"),
        (REPORT.replace('who = "auditor"\n', ""), "life.toml:2: steps.1: a step that does something says who does it"),
        (REPORT.replace("auditor", "nobody"), "life.toml:3: steps.1.who: nobody in the cast is called nobody"),
        (REPORT + 'at = "soon enough"', "life.toml:6: steps.1.at: 'soon enough' is no instant"),
        ('policy = "best"\n' + REPORT, "life.toml:1: policy: no packaged policy is called 'best'"),
        (
            REPORT + '[policy]\nbase = "default"\n[policy.major]\nplan = { within = "soon" }',
            "life.toml:9: policy.major.plan.within: 'soon' is not an ISO 8601 duration",
        ),
        (REPORT + "[client]\nkey = 'a'\nname = 'A'\nzone = 'Mars'", "life.toml:9: client.zone: 'Mars' is no time zone"),
        (REPORT + 'until = "soon"\n', "steps.1.until"),
        ('until = "3 moons"\n' + REPORT, "life.toml:1: until"),
        (REPORT + "[cast]\nanna = 'queen'", "life.toml:7: cast.anna.roles.1"),
        (REPORT + "[[steps]]\nnote = 'Nothing'", "life.toml:6: steps.2: a step does something"),
        (REPORT + "routine = 'plan'", "life.toml:2: steps.1: a step is a command or a `routine`, not both"),
        (REPORT + "[[steps]]\nroutine = 'plan'\ntimes = 2", "life.toml:6: steps.2: `times` belongs to a command"),
    ],
)
def test_what_cannot_be_used_is_said_with_file_line_and_field(told: Told, text: str, why: str) -> None:
    with pytest.raises(ScenarioError) as error:
        read(told(text))
    assert why in str(error.value)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"none\.toml: cannot be read"):
        read(tmp_path / "none.toml")


NEXT = REPORT + "[[steps]]\n"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (
            REPORT + 'expect = { status = "closed" }',
            "life.toml:6: steps.1.expect.status: closed is expected; it is open",
        ),
        (
            REPORT + 'refused = "role"',
            "life.toml:6: steps.1.refused: report was to be refused as role, and was accepted",
        ),
        (NEXT + 'who = "owner"\ndo = "fly"', "life.toml:8: steps.2.do: There is no command fly."),
        (
            NEXT + 'who = "owner"\ndo = "comment"\nwith = { text = "" }',
            "life.toml:9: steps.2.with.text: owner comment is refused as shape",
        ),
        (
            NEXT + 'who = "owner"\ndo = "close"\nrefused = "role_missing"',
            "life.toml:9: steps.2.refused: role_missing is expected; refused as role",
        ),
        (NEXT + 'at = "-1 day"', "life.toml:7: steps.2.at: 2030-03-03 09:00:00+00:00 lies before"),
        (NEXT + 'at = "decision"', "life.toml:7: steps.2.at: case has no date called 'decision'"),
        (NEXT + 'who = "owner"\ndo = "ride"\non = "horse/1"', "life.toml:8: steps.2.do: there is no kind of thing"),
        (
            NEXT + 'expect = { deadlines = { plan = "2030-03-19", verdict = "2030-03-19" } }',
            "life.toml:7: steps.2.expect.deadlines.plan: 2030-03-19 is expected; it is due 2030-03-18 23:59:59 UTC",
        ),
        (NEXT + 'expect = { deadlines = { verdict = "2030-03-19" } }', "steps.2.expect.deadlines.verdict: case has no"),
        (NEXT + 'expect = { deadlines = { plan = { says = "moon" } } }', "'moon' is expected in its explanation"),
        (NEXT + 'expect = { deadlines = { plan = { state = "met" } } }', "met is expected; it is running"),
        (NEXT + 'expect = { state = { "plan.version" = 4 } }', "expect.state.plan.version: 4 is expected; it is 0"),
        (NEXT + 'expect = { state = { "deadlines.9.kind" = 4 } }', "4 is expected; it is null"),
        (
            NEXT + 'expect = { review = "convened" }',
            "life.toml:7: steps.2.expect.review: convened is expected: there is",
        ),
        (
            NEXT + 'expect = { certificates = { X = "active" } }',
            "expect.certificates.X: active is expected; it is unknown",
        ),
        (NEXT + "expect = { wakeups = 3 }", "expect.wakeups: 3 are expected; there were 0"),
        (NEXT + "expect = { counts = { issued = 3 } }", "expect.counts.issued: 3 are expected; there are 1"),
        (NEXT + 'expect = { events = ["issued"] }', "issued are expected; there are reported, issued"),
        (
            NEXT + 'expect = { calendar = ["reported", "issued", "reported"] }',
            "expect.calendar.3: no line has 'reported'",
        ),
        (
            NEXT + 'who = "owner"\ndo = "comment"\nwith = { text = "So" }\nas = "x"',
            "steps.2.as: comment brought about no",
        ),
        ('[expect]\nstatus = "closed"\n' + REPORT.replace("title", "#").replace("[[", "[[", 1), "title"),
    ],
)
def test_what_is_not_as_expected_is_said_with_line_and_field(told: Told, text: str, why: str) -> None:
    if why == "title":
        with pytest.raises(ScenarioError, match="title: This field is required"):
            read(told(text))
        return
    assert any(why in line for line in said(told(text))), said(told(text))


def test_a_certificate_that_cannot_be_set_up_is_said_where_it_stands(told: Told) -> None:
    path = told(REPORT + '[[certificates]]\nkey = "C-1"\nstandards = ["ISO 9001"]\nsites = 3\n')
    assert said(path) == [
        "life.toml:9: certificates.1.sites: scheme_manager apply is refused as shape: /sites: A list is expected here."
    ]


def lived(told: Told, text: str) -> Played:
    played = play(read(told(text)))
    assert played.failures == []
    return played


def test_the_calendar_tells_what_happens_and_why_and_what_comes_if_nobody_acts(told: Told) -> None:
    played = lived(told, NEXT + 'at = "1 day before plan"\nwho = "owner"\ndo = "close"\nrefused = "role"\n')
    lines = played.lines
    assert [line.what for line in lines if not line.idle] == [
        "registered",
        "reported",
        "issued: NC-2030-0001, major",
        "deadline reminded: plan, -P7D, due at 2030-03-18 23:59:59",
        "deadline reminded: plan, -P3D, due at 2030-03-18 23:59:59",
        "deadline reminded: plan, -P1D, due at 2030-03-18 23:59:59",
        "close refused: role",
    ]
    issued, reminded, refused = lines[2], lines[3], lines[6]
    assert [why.partition(":")[0] for why in issued.why] == ["plan", "evidence", "closure"]
    assert (reminded.cause, reminded.by) == ("clock", "the clock")
    assert reminded.why[0].startswith("P14D from issue 2030-03-04 09:00:00 UTC")
    assert (refused.cause, refused.by, refused.why) == (
        "refused",
        "owner",
        ("close belongs to: auditor, reviewer, scheme_manager.",),
    )
    idle = [line for line in lines if line.idle]
    assert idle[0].what.startswith("deadline reminded: plan, P0D")
    opened = next(line for line in idle if line.event == "committee_review.opened")
    assert (opened.thing, opened.cause) == ("review of NC-2030-0001", "reaction")
    assert idle[-1].what == "overdue: due at 2030-06-16 23:59:59"
    [left] = played.left
    assert [(date.kind, date.state) for date in left.dates] == [
        ("plan", "running"),
        ("evidence", "running"),
        ("closure", "running"),
    ]


def test_a_reaction_that_is_refused_is_told(told: Told) -> None:
    """A reduction ends with no case."""
    played = lived(
        told,
        'title = "So"\n[[certificates]]\nkey = "C-1"\nstandards = ["ISO 9001"]\n'
        'from_body = "Another body"\nissued_on = "-9 days"\nexpires_on = "+900 days"\n'
        '[[steps]]\nwho = "auditor"\ndo = "report"\nwith = { grade = "major", certificates = ["C-1"] }\n'
        '[[steps]]\nwho = "auditor"\ndo = "escalate"\nwith = { reason = "So." }\n'
        '[[steps]]\nroutine = "committee"\nwith = { choice = "reduce_scope" }\n'
        '[[steps]]\nwho = "auditor"\ndo = "propose-withdrawal"\nwith = { reason = "So." }\n'
        '[[steps]]\nwho = "reviewer"\ndo = "confirm-withdrawal"\nwith = { reason = "So." }\n',
    )
    [unheard] = [line for line in played.lines if line.cause == "refused"]
    assert (unheard.thing, unheard.what, unheard.by) == (
        "certificate C-1",
        "resolve refused: wrong_state",
        "by reaction",
    )


def test_a_command_is_repeated_under_its_number(told: Told) -> None:
    played = lived(
        told,
        REPORT
        + '[[steps]]\nwho = "owner"\ndo = "comment"\ntimes = 3\nwith = { text = "Call {n}.", section = "plan" }\n'
        "expect = { counts = { commented = 3 } }\n",
    )
    said = [line.what for line in played.lines if line.event == "nonconformity.commented"]
    assert said == ["commented: Call 1., plan", "commented: Call 2., plan", "commented: Call 3., plan"]


def test_what_another_thing_causes_can_come_late(told: Told) -> None:
    late = '[[steps]]\nwho = "reaction"\ndo = "call-up"\nwith = { audit = "S-1" }\nrefused = "not_deferred"\n'
    moved = '[[steps]]\nwho = "reaction"\ndo = "change-client"\nwith = { client = "client" }\n'
    played = lived(told, REPORT + late + moved)
    refused, changed, *_ = [line for line in played.lines if line.by in ("reaction", "by reaction")]
    assert (refused.cause, refused.what) == ("refused", "call-up refused: not_deferred")
    assert (changed.cause, changed.event) == ("reaction", "nonconformity.client_changed")


def test_the_end_is_bounded(told: Told) -> None:
    path = told('until = "10 days"\n' + REPORT)
    assert play(read(path)).until == datetime(2030, 3, 14, 9, tzinfo=UTC)
    later = datetime(2030, 12, 31, tzinfo=UTC)
    played = play(read(path), until=later)
    assert (played.until, played.world.now) == (later, later)
    assert any(line.event == "nonconformity.escalated" for line in played.lines)


STRICT = '[[policies]]\nbase = "default"\n{}major = {{ plan = {{ within = "P3D" }} }}\n'


@pytest.mark.parametrize(
    ("policies", "plan", "minor"),
    [
        ("", 14, 14),
        # The packaged default is for a minor still.
        (STRICT.format('name = "strict"\ngrades = ["major"]\n'), 3, 14),
        (STRICT.format('version = "2030"\neffective_from = 2030-01-01\n'), 3, 14),
        (STRICT.format('version = "2099"\neffective_from = 2099-01-01\n'), 14, 14),
        (STRICT.format('name = "strict"\nschemes = ["ISO 14001"]\n'), 14, 14),
        # The same version for the same cases replaces it; as new and as specific as it, it goes first.
        (STRICT.format(""), 3, 14),
        (STRICT.format('name = "strict"\n'), 3, 14),
    ],
)
def test_the_scenarios_further_policies_stand_beside_the_packaged_ones(
    told: Told, policies: str, plan: int, minor: int
) -> None:
    second = '[[steps]]\nwho = "auditor"\ndo = "report"\nwith = { grade = "minor" }\non = "second"\nas = "second"\n'
    scenario = read(told('title = "So"\n' + policies + REPORT.partition("\n")[2] + second))
    whole = book(scenario).policies
    assert {one.name for one in whole} >= {"default", "internal"}
    assert len({one.identity for one in whole}) == len(whole)
    left = {one.thing: [date.due_at for date in one.dates if date.kind == "plan"] for one in play(scenario).left}
    day = scenario.begins.replace(hour=23, minute=59, second=59)
    assert left == {
        "NC-2030-0001": [day + timedelta(days=plan)],
        "NC-2030-0002": [day + timedelta(days=minor)],
    }


def test_a_policy_from_outside_takes_the_place_of_the_scenarios_own(told: Told) -> None:
    path = told(REPORT)
    own = policy(name="own", tenants=["elsewhere"], major={"plan": {"within": "P3D"}})
    [left] = play(read(path), own).left
    assert [(date.kind, date.due_at.day) for date in left.dates] == [("plan", 7)]


def test_a_decider_that_breaks_its_protocol_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(policy()).walk(w.OPEN)
    monkeypatch.setattr(Nonconformity, "on_wakeup", lambda self, state, now: ())
    with pytest.raises(Sleepless, match=rf"{CASE}: nothing happened at its wake-up"):
        world.wait("P30D")
