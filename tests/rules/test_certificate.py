"""A certificate from its application to its end: what it holds, what changes it, what others see of it."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.rules import certificates as c
from tests.rules import walks as w
from tests.rules.certificate_world import lived, state
from tests.rules.life import SIGN, Day, Steps, Wait
from workflows.certificate.certificate import Certificate, content
from workflows.certificate.entry import certificate_entry, certificate_view
from workflows.decider import Refusal


def test_a_certificate_is_applied_for_and_granted() -> None:
    world = lived(*c.ACTIVE)
    held = state(world)
    assert (held.status, held.client, held.standards) == ("active", "acme", ("ISO/IEC 27001:2022", "ISO 9001"))
    assert held.term is not None
    assert (held.term.issued_on, held.term.expires_on) == (date(2026, 3, 2), date(2029, 3, 1))
    entry = certificate_entry("C-1", held)
    assert entry is not None
    assert (entry.standards, entry.expires_on) == (("ISO/IEC 27001", "ISO 9001"), date(2029, 3, 1))
    assert certificate_view("C-1", held)["stated"] == ["ISO/IEC 27001:2022", "ISO 9001"]
    assert certificate_view("C-1", held)["due_at"] == "2029-03-01T23:59:59.000000Z"


def test_before_its_first_event_there_is_no_entry() -> None:
    assert certificate_entry("C-1", Certificate()) is None
    assert certificate_view("C-1", Certificate()) == {"key": "C-1", "status": ""}


def test_refused_it_is_applied_for_again() -> None:
    world = lived(*c.REFUSED)
    assert (state(world).status, state(world).ended_because) == ("refused", "So it is. As voted")
    again = c.anew(c.APPLY, standards=["ISO 14001:2015"], scope="Less")
    world.walk((Wait("P1D"), *c.AUDITED, again, c.GRANT))
    held = state(world)
    assert (held.applications, held.status, held.standards, held.scope) == (2, "active", ("ISO 14001:2015",), "Less")
    assert (held.ended_because, held.ended_at) == (None, None)


def test_a_reduction_says_what_was_taken_out() -> None:
    world = lived(*c.ACTIVE, c.REDUCE, c.decision("reduce_scope"))
    held = state(world)
    assert (held.standards, held.sites, held.scope) == (("ISO/IEC 27001:2022",), ("Vienna",), "Development of software")
    by_hand, decided = held.reductions
    assert (by_hand.standards, by_hand.sites) == (("ISO 9001",), ("Graz",))
    assert by_hand.scope == "Development and operation of software"
    assert (decided.cause.case, decided.cause.review, decided.cause.reason) == (
        "0190-case",
        "r-1",
        "So it is. As voted",
    )
    assert certificate_view("C-1", held)["reduced"] is True


def test_a_decision_withdraws_it() -> None:
    held = state(lived(*c.BY_CASE, c.decision("withdraw_certificate")))
    assert (held.status, held.ended_because) == ("withdrawn", "So it is. As voted")


def test_it_is_transferred_in_with_its_dates_and_what_was_open_there() -> None:
    world = lived(*w.opened("minor"), c.anew(c.TRANSFER, cases=["NC-2026-0001", "0190-case"]))
    held = state(world)
    assert (held.status, held.from_body, held.cases) == ("active", "Other Cert", ("0190-case",))
    assert held.term is not None
    assert (held.term.issued_on, held.term.expires_on) == (date(2025, 1, 26), date(2028, 1, 26))


@pytest.mark.parametrize(
    ("before", "client", "named"),
    [
        ((), "acme", "OC-17"),
        (w.opened("minor"), "acme", "NC-2026-0002"),
        ((w.GLOBEX, *w.opened("minor")), "globex", "NC-2026-0001"),
        (w.VERIFIED, "acme", "NC-2026-0001"),
        (w.CLOSED, "acme", "0190-case"),
    ],
)
def test_what_comes_with_a_transfer_is_open_here_and_the_same_clients(before: Steps, client: str, named: str) -> None:
    world = lived(*before)
    with pytest.raises(Refusal) as why:
        world.walk((c.anew(c.TRANSFER, client=client, sites=[], cases=[named]),))
    assert (why.value.code, why.value.pointer) == ("case_unknown", "/cases/0")
    assert f"{named} is no open nonconformity of the client {client}" in str(why.value)
    assert state(world).status == ""


def test_a_signature_covers_the_certificate_as_it_stands() -> None:
    world = lived(*c.ACTIVE)
    seen = content(state(world))
    world.walk((c.REDUCE,))
    assert content(state(world)) != seen
    assert content(state(lived(*c.ACTIVE, Wait("P1D")))) == seen


@pytest.mark.parametrize("body", [{"standards": []}, {"standards": ["ISO 9001", "ISO  9001"]}, {"sites": ["A", "A"]}])
def test_each_part_is_named_once(body: dict[str, Any]) -> None:
    with pytest.raises(Refusal) as refused:
        lived(c.anew(c.APPLY, **body))
    assert refused.value.code == "shape"


@pytest.mark.parametrize(
    ("walk", "step"),
    [
        (c.APPLIED, c.anew(c.GRANT, issued_on="2026-03-02", expires_on="2026-03-02")),
        (c.ACTIVE, c.signs("reduce")),
    ],
)
def test_what_is_not_said_rightly_has_no_shape(walk: Steps, step: Any) -> None:
    with pytest.raises(Refusal) as refused:
        lived(*walk, step)
    assert refused.value.code == "shape"


def test_it_moves_to_the_survivor_of_a_merge_and_ends_in_its_zone() -> None:
    world = lived(*c.ACTIVE)
    globex = {"key": "globex", "name": "Globex", "zone": "Pacific/Kiritimati"}
    world.do("scheme_manager", "register", globex, "globex")
    world.do("scheme_manager", "merge", {"into": "globex", "reason": "Registered twice"}, "client")
    held = state(world)
    assert (held.client, held.zone, world.refused) == ("globex", "Pacific/Kiritimati", [])
    assert held.term is not None
    assert held.term.expires_at == datetime(2029, 3, 1, 9, 59, 59, tzinfo=UTC)
    applied = lived(*c.APPLIED)
    applied.do("scheme_manager", "register", globex, "globex")
    applied.do("scheme_manager", "merge", {"into": "globex", "reason": "Registered twice"}, "client")
    assert (state(applied).client, state(applied).term) == ("globex", None)


def test_a_committee_review_suspends_it_and_the_close_out_restores_it() -> None:
    grant = c.anew(c.GRANT, expires_on=Day(1000))
    world = lived(*c.READY, grant, *w.decided("suspend"))
    assert state(world).status == "suspended"
    assert world.refused == []
    suspension = state(world).suspension
    assert suspension is not None
    assert suspension.names("0190-case")
    world.walk(w.CLOSED[len(w.OPEN) :])
    assert (world.case.status, state(world).status) == ("closed", "active")


def test_a_machine_signs_nothing() -> None:
    world = lived(*c.ACTIVE)
    with pytest.raises(Refusal, match="person"):
        world.do("machine:member1", "withdraw", {"reason": "So", "signature": SIGN}, "certificate")
