"""The bodies of the commands on a client."""

from functools import cache
from typing import Annotated, ClassVar, Self
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from workflows.people import Frozen
from workflows.procedure import Body, Key, Text

# Each call of available_timezones walks the whole database on disk: 20 ms.
_zones = cache(available_timezones)


def _zone(name: str) -> str:
    if name not in _zones():
        raise ValueError(f"{name!r} is no time zone of the IANA database, such as Europe/Vienna")
    return name


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Aliases = Annotated[tuple[Name, ...], Field(max_length=50)]
Names = Annotated[tuple[Name, ...], Field(max_length=500)]
Zone = Annotated[str, AfterValidator(_zone)]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Subdivision = Annotated[str, Field(pattern=r"^[A-Z0-9]{1,3}$")]
"""What follows the country in ISO 3166-2: `BY` for Bavaria, DE-BY."""

Streams = Annotated[tuple[Name, ...], Field(max_length=10_000)]


class Settings(Frozen):
    """What a client decides for itself: four eyes on plans, and confirmation by its own internal auditor."""

    four_eyes: bool = True
    internal_confirmation: bool = False


class Register(Body):
    """A new client. `sites` and `aliases` are names that findings may use, `people` ids of its people.

    `country` and `subdivision` (ISO 3166) say which holidays it has.
    """

    command: ClassVar[str] = "register"
    key: Key
    name: Name
    aliases: Aliases = ()
    sites: Names = ()
    country: Country | None = None
    subdivision: Subdivision | None = None
    zone: Zone = "UTC"
    people: Names = ()
    settings: Settings = Settings()

    @model_validator(mode="after")
    def _of_a_country(self) -> Self:
        if self.subdivision is not None and self.country is None:
            raise ValueError("a subdivision is part of a country: name that too")
        return self


class Revise(Body):
    """Changes by the certification body; what is left out stays, but a subdivision goes with its country."""

    command: ClassVar[str] = "revise"
    name: Name | None = None
    aliases: Aliases | None = None
    sites: Names | None = None
    country: Country | None = None
    subdivision: Subdivision | None = None
    zone: Zone | None = None
    people: Names | None = None


class ChangeSettings(Body):
    """The client's own settings, by its approver; what is left out stays."""

    command: ClassVar[str] = "change_settings"
    four_eyes: bool | None = None
    internal_confirmation: bool | None = None


class Merge(Body):
    """This client is a duplicate: what is its, from its names to its certificates, becomes that of the client `into`.

    Given again, it takes over what came in under the old key meanwhile.
    """

    command: ClassVar[str] = "merge"
    into: Key
    reason: Text


class Absorb(Body):
    """A duplicate was merged into this client; comes by reaction.

    `streams` are the names of the streams that change their client.
    """

    command: ClassVar[str] = "absorb"
    key: Key
    name: Name
    aliases: Names = ()
    sites: Names = ()
    people: Names = ()
    streams: Streams = ()
