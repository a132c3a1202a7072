"""Every event of every story: who is told, and that each mail can be written."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from uuid import uuid4

import pytest

from activities.directory.mail import Contact, Mode, Modes
from activities.ledger.protocol import Recorded
from activities.reads.clients import Names
from services.mail.composing import Composer, Letter
from services.mail.concerns import CONCERNS
from services.mail.deciding import Happening, next_digest, told
from services.mail.notices import Notice
from tests.rules.life import CASE, World, policy
from tests.rules.stories import ACCEPTED
from tests.rules.walks import decided
from workflows.decider import Happened
from workflows.nonconformity.case import Case
from workflows.nonconformity.records.committee import UNREGISTERED
from workflows.people import Person, Role
from workflows.registry import REGISTRY

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
COMPOSER = Composer("closeout@closeout.example", "https://closeout.example")


def contact(id: str, role: Role, client: str | None = None) -> Contact:
    return Contact(Person(id=id, name=id.title(), roles=frozenset({role}), client=client, email=f"{id}@people.example"))


PEOPLE = [
    contact("anna", Role.CLIENT_OWNER, "acme"),
    contact("bert", Role.CLIENT_APPROVER, "acme"),
    contact("carl", Role.AUDITOR),
    contact("dora", Role.REVIEWER),
    contact("egon", Role.COMMITTEE_MEMBER),
    contact("fred", Role.SCHEME_MANAGER),
    contact("stranger", Role.CLIENT_OWNER, "globex"),
]


def recorded(happened: Happened) -> Recorded:
    """As the ledger has it, as far as mail asks."""
    return Recorded(
        tenant="t1",
        v=happened.event.v,
        command_id="c",
        recorded_at=happened.at,
        received_at=None,
        request_sha256="",
        data_digest="",
        salt=None,
        prev="",
        hash="",
        stream=happened.stream,
        seq=happened.seq,
        event_id=uuid4(),
        type=happened.event.type,
        actor=happened.actor,
        at=happened.at,
        data=happened.event.model_dump(mode="json"),
        position=f"{happened.seq:08}",
    )


@cache
def happenings() -> list[Happening]:
    return list(_happenings())


def _happenings() -> Iterator[Happening]:
    for story in ACCEPTED:
        world = World(policy(**story.policy)).walk(story.steps)
        world.do(story.actor, story.command, story.body, story.kind)
        for stream in world.streams.values():
            state = None
            for happened in stream.history:
                decider = REGISTRY.of(happened.stream)
                state = decider.evolve(decider.initial() if state is None else state, happened)
                yield Happening(recorded(happened), state, PEOPLE, lambda _: None, {}, NOW)


def test_every_event_that_concerns_anybody_is_told_and_can_be_written() -> None:
    seen = set()
    for one in happenings():
        mails = told(one)
        assert len({mail.person for mail in mails}) == len(mails)
        for mail in mails:
            if mail.state == "pending":
                seen.add(one.event.type)
                letter = Letter(str(mail.event_id), [Notice.model_validate_json(mail.notice)])
                person = next(one.person for one in PEOPLE if one.person.id == mail.person)
                assert COMPOSER.compose("t1", letter, person, NOW).as_bytes()
    assert len(seen) > 0.7 * len(CONCERNS), sorted(set(CONCERNS) - seen)


def test_a_decision_on_a_certificate_that_is_not_registered_is_told_as_that() -> None:
    world = World(policy()).walk(decided("withdraw_certificate"))
    [happened] = [one for one in world.stream(CASE).history if one.event.type == "nonconformity.review_decided"]
    mails = told(Happening(recorded(happened), world.case, PEOPLE, lambda _: None, {}, NOW))
    assert {mail.person for mail in mails} >= {"anna", "bert"}
    for mail in mails:
        assert any(why.endswith(UNREGISTERED) for why in Notice.model_validate_json(mail.notice).why), mail.person


def test_people_of_a_client_are_told_of_what_it_is_shown_alone() -> None:
    for one in happenings():
        for mail in told(one):
            client = getattr(one.state, "client", None)
            assert mail.org in (None, client), one.event.type
            if mail.org is not None and isinstance(one.state, Case):
                assert one.state.issued_at is not None, one.event.type


def test_the_client_is_named_to_who_is_not_of_it() -> None:
    names = Names({"acme": "Acme Ltd"})
    told_to: dict[bool, set[str]] = {True: set(), False: set()}
    for one in happenings():
        if getattr(one.state, "client", None) != "acme":
            continue
        for mail in told(replace(one, clients=names)):
            told_to[mail.org is None].add(Notice.model_validate_json(mail.notice).client)
    assert told_to == {True: {"Acme Ltd"}, False: {""}}


@pytest.mark.parametrize("who", [one.person.id for one in PEOPLE])
def test_who_left_is_told_nothing_and_is_not_missed_by_name(who: str) -> None:
    around = [replace(one, left=one.person.id == who) for one in PEOPLE]
    for one in happenings():
        names = {mail.person for mail in told(replace(one, contacts=around))}
        assert who not in names and who.title() not in names, one.event.type


@pytest.mark.parametrize("mode", ["off", "digest"])
def test_what_must_be_told_is_told_at_once_whatever_the_mode(mode: Mode) -> None:
    for one in happenings():
        usual = {mail.person for mail in told(one)}
        wishing = [Contact(each.person, Modes(cases=mode, dates=mode, talk=mode)) for each in PEOPLE]
        mails = told(Happening(one.event, one.state, wishing, one.does, one.names, one.clock))
        if one.event.type in CONCERNS and CONCERNS[one.event.type].must:
            assert {mail.person for mail in mails} == usual and not any(mail.digest for mail in mails)
        elif mode == "off":
            assert not [mail for mail in mails if mail.state == "pending"]
        else:
            assert all(mail.digest and mail.next_at is not None for mail in mails if mail.state == "pending")


def test_of_each_kind_one_is_told_as_one_chose_for_it() -> None:
    wishing = [Contact(each.person, Modes(dates="digest", talk="off")) for each in PEOPLE]
    expected = {"cases": {False}, "dates": {True}, "talk": set[bool]()}
    seen: dict[str, set[bool]] = {kind: set() for kind in expected}
    for one in happenings():
        if (concern := CONCERNS.get(one.event.type)) is not None and not concern.must:
            mails = told(Happening(one.event, one.state, wishing, one.does, one.names, one.clock))
            seen[concern.kind] |= {mail.digest for mail in mails if mail.state == "pending"}
    assert seen == expected


def test_each_mail_leads_to_a_page_of_its_thing() -> None:
    paths: dict[str, set[str]] = {}
    for one in happenings():
        for mail in told(one):
            path = Notice.model_validate_json(mail.notice).path.rpartition("/")[0]
            paths.setdefault(one.event.stream.partition("/")[0], set()).add(path)
    assert paths == {
        "nonconformity": {"/console/cases"},
        "committee_review": {"/console/reviews"},
        "certificate": {"/console/certificates"},
    }


def test_one_digest_a_day_whatever_the_zones_of_the_cases() -> None:
    reading = [Contact(each.person, Modes(cases="digest", dates="digest", talk="digest")) for each in PEOPLE]
    for one in happenings():
        if isinstance(one.state, Case):
            for zone in ("Asia/Tokyo", "America/New_York"):
                state = one.state.model_copy(update={"zone": zone})
                mails = told(Happening(one.event, state, reading, one.does, one.names, one.clock))
                assert {mail.next_at for mail in mails if mail.digest} <= {next_digest(NOW, "UTC")}


def test_what_was_erased_is_told_to_nobody() -> None:
    for one in happenings()[:200]:
        erased = one.event.model_copy(update={"data": None})
        assert told(Happening(erased, one.state, one.contacts, one.does, one.names, one.clock)) == []
