"""The registry of clients: what an entry holds, and how a duplicate ends in another client."""

from typing import Any

import pytest

from tests.rules import audits as a
from tests.rules import certificates as c
from tests.rules import walks as w
from tests.rules.life import AUDIT, CASE, CERTIFICATE, CLIENT, OTHER, Step, World, policy
from workflows.client.events import Entry
from workflows.client.rules import ClientRegistry
from workflows.client.state import ClientState
from workflows.decider import Command, Refusal

GLOBEX: dict[str, Any] = {
    "key": "globex",
    "name": "Globex",
    "aliases": ["Globex Inc"],
    "sites": ["Graz"],
    "people": ["p2"],
}
MERGE = Step("scheme_manager", "merge", {"into": "globex", "reason": "Registered twice"}, "client")
BACK = Step("scheme_manager", "merge", {"into": "acme", "reason": "Registered twice"}, "globex")
ACME: dict[str, Any] = {
    "name": "Acme",
    "aliases": ["ACME GmbH", "globex inc "],
    "sites": ["Graz", "Vienna"],
    "people": ["p1"],
}


def entry(world: World, name: str) -> Entry:
    state = world.stream(name).state
    assert isinstance(state, ClientState)
    assert state.entry is not None
    return state.entry


def two(*steps: Step, **changes: Any) -> World:
    """A body with acme and globex, after these steps."""
    world = World(policy())
    world.do("scheme_manager", "revise", {**ACME, **changes}, "client")
    world.do("scheme_manager", "register", GLOBEX, "globex")
    world.walk(steps)
    return world


def registers(world: World, key: str, **more: Any) -> None:
    command = Command(
        id="-", name="register", body={"key": key, "name": key, **more}, actor=world.actor("scheme_manager")
    )
    world.send(f"client/{key}", command)


def merges(world: World, key: str, into: str) -> None:
    body = {"into": into, "reason": "Registered twice"}
    command = Command(id="-", name="merge", body=body, actor=world.actor("scheme_manager"))
    world.send(f"client/{key}", command)


@pytest.mark.parametrize(
    ("entry", "pointer"),
    [
        ({"name": "Glo\x00bex"}, "/name"),
        ({"name": "Globex\x85 Ltd"}, "/name"),
        ({"aliases": ["Globex\n"], "sites": ["Gr\taz"]}, "/sites/0"),
        ({"people": ["p\x001"]}, "/people/0"),
        ({"country": "XX"}, "/country"),
        ({"country": "UK"}, "/country"),
        ({"country": "AUT"}, "/country"),
        ({"sites": ["Graz", " GRAZ"]}, "/sites"),
        ({"aliases": ["Globex Inc", "globex inc"]}, "/aliases"),
    ],
)
@pytest.mark.parametrize("command", ["register", "revise"])
def test_an_entry_holds_plain_names_each_once_and_a_country_that_there_is(
    command: str, entry: dict[str, Any], pointer: str
) -> None:
    world = World(policy())
    body = {**({"key": "globex", "name": "Globex"} if command == "register" else {}), **entry}
    with pytest.raises(Refusal) as refused:
        world.do("scheme_manager", command, body, "globex" if command == "register" else "client")
    assert (refused.value.code, refused.value.pointer) == ("shape", pointer)


@pytest.mark.parametrize("country", ["AT", "XK", "AQ", "ZW"])
def test_every_country_of_iso_3166_can_be_stated(country: str) -> None:
    world = World(policy())
    world.do(
        "scheme_manager",
        "revise",
        {"country": country, "sites": ["Graz", "Graz 2"], "name": "Café O’Neill 株"},
        "client",
    )
    assert entry(world, "client/acme").country == country


def test_a_registered_client_is_registered_once() -> None:
    world = World(policy())
    with pytest.raises(Refusal, match=r"^register is possible while the client is unknown; it is registered\.$"):
        registers(world, "acme")


def test_a_subdivision_is_part_of_a_country() -> None:
    world = World(policy())
    with pytest.raises(Refusal, match="part of a country"):
        registers(world, "initech", subdivision="BY")
    with pytest.raises(Refusal, match="No holidays are known of 9 in DE"):
        registers(world, "initech", subdivision="9", country="DE")
    registers(world, "initech", subdivision="BY", country="DE")
    registers(world, "hooli", country="DE")
    assert entry(world, "client/initech").subdivision == "BY"


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"name": "Acme plc"}, ("DE", "BY")),
        ({"subdivision": "BE"}, ("DE", "BE")),
        ({"country": "AT"}, ("AT", None)),
        ({"country": "DE"}, ("DE", "BY")),
        ({"country": "AT", "subdivision": "9"}, ("AT", "9")),
    ],
)
def test_a_subdivision_goes_with_its_country(change: dict[str, str], place: tuple[str, str | None]) -> None:
    world = World(policy())
    world.do("scheme_manager", "revise", {"country": "DE", "subdivision": "BY"}, "client")
    world.do("scheme_manager", "revise", change, "client")
    assert (entry(world, CLIENT).country, entry(world, CLIENT).subdivision) == place


def test_a_client_is_never_woken() -> None:
    law, state = ClientRegistry(), World(policy()).stream(CLIENT).state
    assert not law.lives(state)
    assert law.next_wakeup(state) is None
    assert not law.on_wakeup(state, World(policy()).now)


def test_the_survivor_takes_over_names_sites_and_people() -> None:
    world = two(MERGE)
    assert ClientRegistry().status(world.stream(CLIENT).state) == "merged"
    assert entry(world, CLIENT).merged_into == "globex"
    survivor = entry(world, OTHER)
    # Each name once, however it is written.
    assert survivor.aliases == ("Globex Inc", "acme", "ACME GmbH")
    assert (survivor.name, survivor.sites, survivor.people) == ("Globex", ("Graz", "Vienna"), ("p2", "p1"))
    assert survivor.merged_into is None


def test_what_bears_the_key_of_a_duplicate_follows_it() -> None:
    world = two()
    world.walk((*w.OPEN, a.plan(sites=[]), c.anew(c.APPLY, sites=[]), MERGE))
    assert world.refused == []
    assert [world.stream(name).state.client for name in (CASE, AUDIT, CERTIFICATE)] == ["globex"] * 3
    told = world.stream(CLIENT).history[-1].event.model_dump()
    assert sorted(told["streams"]) == sorted([CASE, AUDIT, CERTIFICATE])
    assert world.stream(OTHER).state.absorbed == tuple(told["streams"])


def test_its_people_act_on_their_case_under_the_new_key() -> None:
    world = two()
    world.walk((*w.OPEN, MERGE))
    with pytest.raises(Refusal) as refused:
        world.do("owner", "comment", {"text": "We are on it"})
    assert refused.value.code == "another_client"
    world.do("stranger", "comment", {"text": "We are on it"})


def test_a_merge_goes_on_where_the_survivor_was_merged_itself() -> None:
    world = two()
    registers(world, "initech")
    world.walk((*w.OPEN, MERGE))
    merges(world, "globex", "initech")
    assert world.stream(CASE).state.client == "initech"
    survivor = entry(world, "client/initech")
    assert survivor.aliases == ("globex", "Globex Inc", "acme", "ACME GmbH")
    assert world.refused == []


def test_what_reaches_a_merged_client_is_passed_on() -> None:
    """As where two merges cross: the duplicate's things come when the survivor is no survivor any more."""
    world = two(BACK)
    world.walk(w.OPEN)
    registers(world, "initech")
    merges(world, "acme", "initech")
    late = {"key": "old", "name": "Old", "streams": [CASE]}
    reaction = Command(id="-", name="absorb", body=late, actor=world.actor("reaction:client/old"))
    world.send(OTHER, reaction)
    assert entry(world, "client/initech").aliases[-1] == "old"
    assert world.stream(CASE).state.client == "initech"
    assert entry(world, OTHER).merged_into == "acme"


def test_what_came_in_under_the_old_key_follows_by_another_merge() -> None:
    world = two(MERGE)
    with pytest.raises(Refusal, match="already"):
        world.walk((MERGE,))
    # A finding that was on its way when the client was merged.
    world.walk(w.OPEN)
    assert world.stream(CASE).state.client == "acme"
    registers(world, "initech")
    with pytest.raises(Refusal, match="into globex already"):
        merges(world, "acme", "initech")
    world.walk((MERGE,))
    assert world.stream(CASE).state.client == "globex"
    assert entry(world, OTHER).aliases == ("Globex Inc", "acme", "ACME GmbH")


def test_a_merged_client_changes_no_more() -> None:
    world = two(MERGE)
    for actor, command, body in (("scheme_manager", "revise", {"name": "X"}), ("approver", "change_settings", {})):
        with pytest.raises(Refusal) as refused:
            world.do(actor, command, body, "client")
        assert refused.value.code == "wrong_state"


def test_what_merges_brought_together_goes_on_though_no_client_is_registered_with_as_much() -> None:
    world = World(policy())
    for key in ("globex", "initech", "umbrella"):
        sites, aliases = [f"{key} {n}" for n in range(400)], [f"{key} no {n}" for n in range(40)]
        registers(world, key, sites=sites, aliases=aliases, people=sites)
    merges(world, "globex", "initech")
    merges(world, "initech", "umbrella")
    assert world.refused == []
    survivor = entry(world, "client/umbrella")
    # Two duplicates' keys are aliases too; their names are those.
    assert (len(survivor.sites), len(survivor.people), len(survivor.aliases)) == (1200, 1200, 122)
