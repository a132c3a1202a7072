"""What can happen to a client's entry. Each event carries the entry whole as it then stands."""

from typing import ClassVar

from workflows.client.commands import Settings
from workflows.decider import Event
from workflows.people import Frozen


class Entry(Frozen):
    """A client as registered."""

    key: str
    name: str
    aliases: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    country: str | None = None
    zone: str = "UTC"
    people: tuple[str, ...] = ()
    settings: Settings = Settings()


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
