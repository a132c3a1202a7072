"""The state of a client, and how each event changes it."""

from typing import Literal

from workflows.client import events as e
from workflows.decider import Happened
from workflows.people import Frozen

Status = Literal["", "registered", "merged"]
"""The status a client has reached; none before it is registered."""


class ClientState(Frozen):
    """A client's entry; `entry` None before registration. `absorbed` are the streams that came to it by merges."""

    entry: e.Entry | None = None
    absorbed: tuple[str, ...] = ()

    @property
    def status(self) -> Status:
        """Whether it is registered, or was merged into another."""
        if self.entry is None:
            return ""
        return "registered" if self.entry.merged_into is None else "merged"

    @property
    def client(self) -> str | None:
        """Its own key."""
        return self.entry.key if self.entry else None


def entry_of(state: ClientState) -> e.Entry:
    """The entry of a registered client."""
    if state.entry is None:
        raise ValueError("a registered client has an entry")
    return state.entry


def evolve(state: ClientState, happened: Happened) -> ClientState:
    """The client after one more event, which carries its entry whole."""
    match happened.event:
        case e.Registered() | e.Revised() | e.SettingsChanged() | e.Merged() as event:
            return state.model_copy(update={"entry": event.entry})
        case e.Absorbed() as event:
            absorbed = tuple(dict.fromkeys((*state.absorbed, *event.duplicate.streams)))
            return ClientState(entry=event.entry, absorbed=absorbed)
        case other:
            raise TypeError(f"{other.type} is no event of a client")
