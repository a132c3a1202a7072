"""Who may register and change clients."""

from collections.abc import Sequence
from datetime import datetime

from workflows.client import commands as c
from workflows.client import events as e
from workflows.decider import Command, Context, Event, Happened, Reaction, Wants
from workflows.people import Frozen, Role
from workflows.procedure import Procedure, Row

REGISTRAR = frozenset({Role.ADMIN, Role.SCHEME_MANAGER})
REGISTERED = frozenset({"registered"})


class ClientState(Frozen):
    """A client's entry; `entry` None before registration."""

    entry: e.Entry | None = None

    @property
    def status(self) -> str:
        """Whether it is registered."""
        return "registered" if self.entry else ""

    @property
    def client(self) -> str | None:
        """Its own key."""
        return self.entry.key if self.entry else None


def _register(state: ClientState, body: c.Register, context: Context) -> Sequence[Event]:
    return (e.Registered(entry=e.Entry(**body.model_dump())),)


def _revise(state: ClientState, body: c.Revise, context: Context) -> Sequence[Event]:
    return (e.Revised(entry=_entry(state).model_copy(update=body.model_dump(exclude_none=True))),)


def _change_settings(state: ClientState, body: c.ChangeSettings, context: Context) -> Sequence[Event]:
    entry = _entry(state)
    settings = entry.settings.model_copy(update=body.model_dump(exclude_none=True))
    return (e.SettingsChanged(entry=entry.model_copy(update={"settings": settings})),)


def _entry(state: ClientState) -> e.Entry:
    if state.entry is None:
        raise ValueError("a registered client has an entry")
    return state.entry


PROCEDURE: Procedure[ClientState] = Procedure(
    thing="client",
    status=lambda state: state.status,
    client=lambda state: state.client,
    rows=(
        Row(c.Register, frozenset({""}), ("registered",), REGISTRAR, _register, source="17021-1 9.1"),
        Row(c.Revise, REGISTERED, (), REGISTRAR, _revise, source="17021-1 9.1"),
        Row(
            c.ChangeSettings,
            REGISTERED,
            (),
            frozenset({Role.CLIENT_APPROVER}),
            _change_settings,
            source="the client's own settings",
        ),
    ),
)


class ClientRegistry:
    """The decider of clients; no clock ever wakes one."""

    kind = "client"
    state = ClientState
    version = 1

    def initial(self) -> ClientState:
        """Not registered."""
        return ClientState()

    def wants(self, state: ClientState, command: Command, now: datetime) -> Wants:
        """Nothing from outside."""
        return Wants()

    def decide(self, state: ClientState, command: Command, context: Context) -> Sequence[Event]:
        """The row's events, or its refusal."""
        return PROCEDURE.decide(state, command, context)

    def evolve(self, state: ClientState, happened: Happened) -> ClientState:
        """The fold."""
        match happened.event:
            case e.Registered() | e.Revised() | e.SettingsChanged() as event:
                return ClientState(entry=event.entry)
            case other:
                raise TypeError(f"{other.type} is no event of a client")

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
        """Nothing."""
        return ()

    def status(self, state: ClientState) -> str:
        """Whether it is registered."""
        return state.status
