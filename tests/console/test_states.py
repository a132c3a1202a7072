"""Every kind of state to which a case comes in any life (`tests/rules/lives`): its page, its desk, its report hold."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import unescape
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from activities.ledger.protocol import GENESIS, Recorded, Stream
from services.api.views import Standing
from services.auth import Caller
from services.console.case import desk
from services.console.case.decisions import decisions
from services.console.case.page import shown
from services.console.case.papers import filed
from services.console.case.saying import said
from services.console.forms.reasons import Stock
from services.console.forms.subject import Subject
from services.console.frame.reader import Reader
from services.console.frame.rendering import ENVIRONMENT
from services.console.things.beside import Beside
from services.reports import wording
from services.reports.filling import Papers, fill
from services.signin.viewer import Viewer
from tests.rules.lived import LIVES, played
from workflows.canonical import digest
from workflows.decider import Client, Context, Facts, Happened
from workflows.nonconformity import events as e
from workflows.nonconformity.case import LIVE, Case
from workflows.nonconformity.rules import PROCEDURE
from workflows.people import CLIENT_SIDE, Actor, Role
from workflows.policy_book import PolicyBook
from workflows.simulator.world import Turn

ZONE = ZoneInfo("Europe/Vienna")
DECIDED = e.ReviewDecided | e.DisputeDecided | e.AppealDecided
BODY = Actor(id="rita", name="Rita", roles=frozenset({Role.AUDITOR, Role.REVIEWER, Role.SCHEME_MANAGER}))


@dataclass(frozen=True)
class State:
    """A case as one life left it once, with all that had happened; `turns` says of each event in which turn."""

    life: str
    case: Case
    history: Sequence[Happened]
    turns: Mapping[int, int]
    policies: PolicyBook
    settings: Client


def kind(case: Case) -> object:
    """What pages tell states apart by."""
    parts = case.dispute, case.appeal, case.escalation
    return (
        case.status,
        case.grade == "ofi",
        case.plan.state,
        frozenset(name for one in case.returned for name in one),
        tuple(part and part.state for part in parts),
        case.decision and case.decision.choice,
        case.follow_up and case.follow_up.result,
        *(bool(one) for one in (case.follow_up, case.deferral, case.extension, case.evidence, case.aggregates)),
        *(bool(one) for one in (case.questions, case.answered, case.complaints, case.settled, case.superseded_by)),
        case.analysis and case.analysis.method,
        bool(case.extents),
        case.finding is None,
    )


@cache
def states() -> Sequence[State]:
    """One state of each kind in all lives."""
    found: dict[object, State] = {}
    for path in LIVES:
        life = played(path)
        turns: dict[str, dict[int, int]] = {}
        for number, turn in enumerate(life.world.turns):
            known = turns.setdefault(turn.stream, {})
            known |= {one.seq: number for one in turn.happened}
            if isinstance(turn.after, Case) and turn.happened:
                past = life.world.streams[turn.stream].history[: turn.happened[-1].seq]
                here = State(path.stem, turn.after, past, known, life.world.policies, _settings(turn))
                found.setdefault(kind(turn.after), here)
    return list(found.values())


def _settings(turn: Turn) -> Client:
    return Client(turn.after.client or "acme", internal_confirmation=len(turn.stream) % 2 == 0)


def recorded(state: State) -> Iterator[Recorded]:
    """What the ledger would tell of it."""
    for one in state.history:
        yield Recorded(
            tenant="cb",
            stream=one.stream,
            seq=one.seq,
            event_id=UUID(int=one.seq),
            type=one.event.type,
            v=one.event.v,
            command_id=f"c-{state.turns[one.seq]}",
            actor=one.actor,
            at=one.at,
            recorded_at=one.at,
            data_digest=GENESIS,
            prev=GENESIS,
            hash=GENESIS,
            data=one.event.model_dump(mode="json"),
            received_at=None,
            request_sha256=GENESIS,
            salt=None,
            position=str(one.seq),
        )


def seen(state: State, actor: Actor) -> Subject:
    """It as somebody sees it."""
    case, last = state.case, state.history[-1]
    stream = Stream("cb", last.stream, last.seq, GENESIS, case, last.at, None, (), case.status in LIVE, state.settings)
    facts = Facts(policies=state.policies, client=state.settings)
    context = Context(stream=last.stream, seq=last.seq, now=last.at, actor=actor, facts=facts, tenant="cb")
    allowed = PROCEDURE.allowed(case, context)
    standing = Standing(
        last.stream.partition("/")[2], last.seq, GENESIS, last.at, allowed, PROCEDURE.signable(case, allowed)
    )
    return Subject("nonconformity", stream, standing, list(recorded(state)), {}, {})


def rendered(template: str, viewer: Viewer, found: Subject, **values: Any) -> str:
    told = {
        "viewer": viewer,
        "actor": viewer.caller.actor,
        "certification_body": "CB",
        "places": (),
        "reader": Reader(ZONE, found.standing.now),
        "here": found.path,
        "found": found,
        **values,
    }
    return ENVIRONMENT.get_template(template).render(told)


def page_of(found: Subject, viewer: Viewer) -> str:
    told = shown(found, filed(found, ZONE, ()), viewer, ZONE)
    return rendered("case.html", viewer, found, **told, drafted=(), beside=Beside(), recorded=None)


def viewers(state: State) -> Iterator[Viewer]:
    client = Actor(id="olga", name="Olga", roles=CLIENT_SIDE, client=state.case.client or "acme")
    for actor in (BODY, client):
        yield Viewer(Caller("cb", actor), "s", "csrf")


def test_lives_come_to_the_states_that_are_told_apart() -> None:
    cases = [state.case for state in states()]
    assert {case.status for case in cases} >= LIVE | {"reported", "closed", "dismissed", "withdrawn", "superseded"}
    assert {name for case in cases for one in case.returned for name in one} == {"section", "shows", "reason"}
    assert {case.follow_up.result for case in cases if case.follow_up} == {None, "effective", "not_effective"}
    assert {case.appeal.state for case in cases if case.appeal} >= {"open", "upheld"}
    assert {case.dispute.state for case in cases if case.dispute} >= {"open", "upheld", "rejected"}


def test_the_page_desk_and_report_of_a_case_in_any_state() -> None:
    for state in states():
        for viewer in viewers(state):
            found = seen(state, viewer.caller.actor)
            text = page_of(found, viewer)
            place = (state.life, state.case.status)
            for one in state.case.returned:
                part = "plan" if "section" in one else "evidence"
                section = text.partition(f'<section aria-labelledby="{part}">')[2].partition("</section>")[0]
                assert "Returned with these reasons:" in section, place
            for command in desk.NAMED:
                desk.desk(found, command, {}, {}, Stock({}), again=True)
        found = seen(state, BODY)
        papers = Papers(found.state, found.history, {}, "Acme", "CB", found.stream.seq, GENESIS)
        assert fill(papers, wording.Reader(ZONE), found.standing.now).seq == found.stream.seq


def test_every_kind_of_event_is_read_with_what_was_signed_with_it() -> None:
    read: set[str] = set()
    for state in states():
        found = seen(state, BODY)
        for event in found.history:
            if event.type in read:
                continue
            read.add(event.type)
            told = said(found.history, event)
            text = rendered("event_said.html", next(viewers(state)), found, said=told)
            signature = (event.data or {}).get("signature")
            if signature:
                assert digest(told.content) == signature["content_sha256"], (state.life, event.type)
                assert "What was signed, exactly" in text
            assert ("The dates as they stood after it" in text) == bool((event.data or {}).get("deadlines")), event.type
    assert len(read) >= 50


def test_decisions_tell_their_reasons_and_what_was_set_aside() -> None:
    upheld = [state for state in states() if state.case.appeal and state.case.appeal.state == "upheld"]
    assert upheld
    for state in upheld:
        found = seen(state, BODY)
        told = decisions(found.history, ZONE)
        aside = [one for one in told if one.is_set_aside]
        assert aside
        assert all(one.is_committees and not one.effect for one in aside)
        reasons = {one.event.reason for one in state.history if isinstance(one.event, DECIDED)}
        assert reasons <= {one.why for one in told}
        text = page_of(found, next(viewers(state)))
        section = unescape(text.partition('<section aria-labelledby="decisions">')[2].partition("</section>")[0])
        assert all(reason in section for reason in reasons)
        assert "set aside on appeal" in section
        assert "Effect:" not in section.partition("set aside on appeal")[2].partition("</li>")[0], state.life
