"""What can happen to a client's entry. Each event carries the entry whole as it then stands."""

from typing import ClassVar

from workflows.client.commands import Absorb, Settings
from workflows.decider import Event
from workflows.people import Frozen


class Entry(Frozen):
    """A client as registered; `merged_into` is the key of the client that took its place."""

    key: str
    name: str
    aliases: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    country: str | None = None
    subdivision: str | None = None
    zone: str = "UTC"
    people: tuple[str, ...] = ()
    settings: Settings = Settings()
    merged_into: str | None = None


class Registered(Event):
    """A new client."""

    type: ClassVar[str] = "client.registered"
    entry: Entry


class Revised(Event):
    """The certification body changed the entry."""

    type: ClassVar[str] = "client.revised"
    entry: Entry


class SettingsChanged(Event):
    """The client changed its settings."""

    type: ClassVar[str] = "client.settings_changed"
    entry: Entry


class Merged(Event):
    """A duplicate ended in another client; `streams` are those that change their client."""

    type: ClassVar[str] = "client.merged"
    entry: Entry
    reason: str
    streams: tuple[str, ...]


class Absorbed(Event):
    """Names, sites and people of a duplicate are this client's, and so are its streams.

    A client that was merged itself meanwhile passes all of it on, and keeps its entry.
    """

    type: ClassVar[str] = "client.absorbed"
    entry: Entry
    duplicate: Absorb
