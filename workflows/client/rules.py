"""Who may register, change and merge clients."""

from collections.abc import Sequence
from datetime import datetime
from typing import get_args

from workflows.calendars import is_known
from workflows.client import commands as c
from workflows.client import events as e
from workflows.client import merging as m
from workflows.client import refusals as r
from workflows.client.state import ClientState, Status, entry_of, evolve
from workflows.decider import Command, Context, Event, Happened, Reaction, Wants
from workflows.entries import CaseQuery
from workflows.people import MANAGERS, Role
from workflows.procedure import Procedure, Row, guard

REGISTERED = frozenset({"registered"})
KNOWN = REGISTERED | {"merged"}


@guard(r.SubdivisionUnknown, needs_body=True)
def _known_subdivision(state: ClientState, body: c.Register | c.Revise, context: Context) -> None:
    """A part of a country has holidays that are known; a working day could not be told otherwise."""
    country = body.country or (state.entry.country if state.entry else None)
    if body.subdivision is not None and (country is None or not is_known(country, body.subdivision)):
        raise r.SubdivisionUnknown("/subdivision", subdivision=body.subdivision, country=country or "no country")


@guard(r.NothingToChange, needs_body=True)
def _says_something(state: ClientState, body: c.Revise | c.ChangeSettings, context: Context) -> None:
    """At least one field is named."""
    if not body.model_dump(exclude_none=True):
        raise r.NothingToChange


def _register(state: ClientState, body: c.Register, context: Context) -> Sequence[Event]:
    return (e.Registered(entry=e.Entry(**body.model_dump())),)


def _revise(state: ClientState, body: c.Revise, context: Context) -> Sequence[Event]:
    entry, changes = entry_of(state), body.model_dump(exclude_none=True)
    if body.country not in (None, entry.country):
        changes.setdefault("subdivision", None)
    return (e.Revised(entry=entry.model_copy(update=changes)),)


def _change_settings(state: ClientState, body: c.ChangeSettings, context: Context) -> Sequence[Event]:
    entry = entry_of(state)
    settings = entry.settings.model_copy(update=body.model_dump(exclude_none=True))
    return (e.SettingsChanged(entry=entry.model_copy(update={"settings": settings})),)


PROCEDURE: Procedure[ClientState] = Procedure(
    thing="client",
    states=get_args(Status),
    status=lambda state: state.status,
    client=lambda state: state.client,
    rows=(
        Row(
            c.Register,
            frozenset({""}),
            ("registered",),
            MANAGERS,
            _register,
            (_known_subdivision,),
            source="17021-1 9.1",
        ),
        Row(c.Revise, REGISTERED, (), MANAGERS, _revise, (_says_something, _known_subdivision), source="17021-1 9.1"),
        Row(
            c.ChangeSettings,
            REGISTERED,
            (),
            frozenset({Role.CLIENT_APPROVER}),
            _change_settings,
            (_says_something,),
            source="the client's own settings",
        ),
        Row(
            c.Merge,
            KNOWN,
            ("merged",),
            MANAGERS,
            m.merge,
            (m.survivor_stands, m.something_left),
            source="policy",
        ),
        Row(c.Absorb, KNOWN, (), frozenset(), m.absorb, source="policy", internal=True),
    ),
)


class ClientRegistry:
    """The decider of clients; no clock ever wakes one."""

    kind = "client"
    state = ClientState
    version = 2

    def initial(self) -> ClientState:
        """Not registered."""
        return ClientState()

    def wants(self, state: ClientState, command: Command, now: datetime) -> Wants:
        """For a merge: the other client, and what bears this one's key."""
        into = command.body.get("into")
        if command.name != "merge" or state.client is None or not isinstance(into, str):
            return Wants()
        cases = CaseQuery(client=state.client)
        return Wants(client=state.client, into=into, audits=True, certificates=True, cases=cases)

    def decide(self, state: ClientState, command: Command, context: Context) -> Sequence[Event]:
        """The row's events, or its refusal."""
        return PROCEDURE.decide(state, command, context)

    def evolve(self, state: ClientState, happened: Happened) -> ClientState:
        """The fold."""
        return evolve(state, happened)

    def lives(self, state: ClientState) -> bool:
        """Never: nothing happens to it by the clock."""
        return False

    def next_wakeup(self, state: ClientState) -> datetime | None:
        """None."""
        return None

    def on_wakeup(self, state: ClientState, now: datetime) -> Sequence[Event]:
        """Nothing."""
        return ()

    def react(self, state: ClientState, happened: Happened) -> Sequence[Reaction]:
        """What a merge causes."""
        return m.caused(state, happened.event)

    def status(self, state: ClientState) -> str:
        """Whether it is registered, or was merged."""
        return state.status
