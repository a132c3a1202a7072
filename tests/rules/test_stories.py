from datetime import timedelta

import pytest

from tests.rules import walks
from tests.rules.life import World, policy
from tests.rules.stories import ACCEPTED, BY_REACTION, REFUSED, Story, needed
from workflows.decider import Refusal
from workflows.registry import DECIDERS, PROCEDURES

ROWS = [(kind, row) for kind, procedure in PROCEDURES.items() for row in procedure.rows]
EXEMPT = {
    # The series opens with a registration, whose body has no state to be wrong in.
    # A registration where nobody knows the holidays: tests/rules/test_client.py.
    ("client", "register"): {"shape", "subdivision_unknown"},
    # Possible in every state of a client that is registered, as it is from the start.
    ("client", "merge"): {"wrong_state"},
    ("client", "absorb"): {"wrong_state"},
    # The systemic major is raised at once in these worlds: tests/rules/test_lineage.py.
    ("nonconformity", "aggregate"): {"aggregation_pending", "other_taken"},
    # A merge takes a second client, which these worlds do not have: tests/rules/test_audit.py.
    ("audit", "plan"): {"client_merged"},
}


def world(story: Story) -> World:
    """The world before the story's last command."""
    fresh = timedelta(minutes=5) if story.fresh else None
    made = World(policy(**story.policy), fresh=fresh)
    made.walk(story.steps)
    if story.code == "client_unknown" and story.command == "issue":
        del made.streams["client/acme"]
    return made


def standing(made: World) -> dict[str, tuple[int, object]]:
    return {name: (len(stream.history), stream.state) for name, stream in made.streams.items() if stream.history}


@pytest.mark.parametrize("story", REFUSED, ids=lambda story: story.name)
def test_a_refused_command_names_its_rule_and_changes_nothing(story: Story) -> None:
    made = world(story)
    before = standing(made)
    with pytest.raises(Refusal) as refused:
        made.do(story.actor, story.command, story.body, story.kind)
    assert (refused.value.code, standing(made)) == (story.code, before)
    assert "{" not in str(refused.value)


@pytest.mark.parametrize("story", ACCEPTED, ids=lambda story: story.name)
def test_an_accepted_command_ends_where_its_row_says(story: Story) -> None:
    made = world(story)
    stream = made.stream(made.address(story.kind))
    decider = DECIDERS[story.kind]
    before = decider.status(stream.state)
    made.do(story.actor, story.command, story.body, story.kind)
    row = PROCEDURES[story.kind].row(story.command)
    # As the command left it, before what it causes on other streams comes back to it.
    after = next(turn.after for turn in reversed(made.turns) if turn.command == story.command)
    assert decider.status(after) in (row.to or (before,))


@pytest.mark.parametrize(("kind", "command"), BY_REACTION)
def test_a_reaction_carries_out_its_row(kind: str, command: str) -> None:
    reached = BY_REACTION[(kind, command)]
    made = World(policy()).walk(reached.walk)
    assert made.refused == []
    assert made.types(kind)[-1] == reached.event


@pytest.mark.parametrize(("kind", "row"), ROWS, ids=lambda item: getattr(item, "command", item))
def test_every_row_and_every_refusal_has_its_story(kind: str, row: object) -> None:
    found = next(item for item in PROCEDURES[kind].rows if item is row)
    told = {story.code for story in REFUSED if (story.kind, story.command) == (kind, found.command)}
    assert needed(found) - told - EXEMPT.get((kind, found.command), set()) == set()
    accepted = {(story.kind, story.command) for story in ACCEPTED} | set(BY_REACTION) | {("client", "register")}
    assert (kind, found.command) in accepted


@pytest.mark.parametrize(("kind", "state"), [(k, s) for k, states in walks.STATES.items() for s in states])
def test_every_walk_ends_in_its_state(kind: str, state: str) -> None:
    made = World(policy()).walk(walks.STATES[kind][state])
    assert DECIDERS[kind].status(made.stream(made.address(kind)).state) == state
