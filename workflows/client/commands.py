"""The bodies of the commands on a client."""

import unicodedata
from collections import Counter
from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from workflows.calendars import is_known
from workflows.people import Frozen
from workflows.procedure import Body, Key, Text
from workflows.sentences import Sentence
from workflows.zones import Zone


def _country(code: str) -> str:
    if not is_known(code):
        raise ValueError(Sentence("{code} is no country of ISO 3166-1, such as AT", code=repr(code)))
    return code


def _plain(name: str) -> str:
    if any(unicodedata.category(character) == "Cc" for character in name):
        raise ValueError(Sentence("a name holds no control characters"))
    return name


def _each_once(names: tuple[str, ...]) -> tuple[str, ...]:
    twice = [name for name, times in Counter(name.casefold() for name in names).items() if times > 1]
    if twice:
        raise ValueError(Sentence("each is named once, however it is written: {names}", names=", ".join(sorted(twice))))
    return names


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_plain)]
Names = Annotated[tuple[Name, ...], Field(max_length=500)]
Sites = Annotated[Names, AfterValidator(_each_once)]
Aliases = Annotated[tuple[Name, ...], Field(max_length=50), AfterValidator(_each_once)]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$"), AfterValidator(_country)]
"""A country that the calendars of policies know: all of ISO 3166-1, and XK for Kosovo."""

Subdivision = Annotated[str, Field(pattern=r"^[A-Z0-9]{1,3}$")]
"""What follows the country in ISO 3166-2: `BY` for Bavaria, DE-BY."""


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
    sites: Sites = ()
    country: Country | None = None
    subdivision: Subdivision | None = None
    zone: Zone = "UTC"
    people: Names = ()
    settings: Settings = Settings()

    @model_validator(mode="after")
    def _of_a_country(self) -> Self:
        if self.subdivision is not None and self.country is None:
            raise ValueError(Sentence("a subdivision is part of a country: name that too"))
        return self


class Revise(Body):
    """Changes by the certification body; what is left out stays, but a subdivision goes with its country."""

    command: ClassVar[str] = "revise"
    name: Name | None = None
    aliases: Aliases | None = None
    sites: Sites | None = None
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

    `streams` are the names of the streams that change their client. Nothing is bounded: what merges brought together
    may be more than one client is registered with, and goes on all the same.
    """

    command: ClassVar[str] = "absorb"
    key: Key
    name: Name
    aliases: tuple[Name, ...] = ()
    sites: tuple[Name, ...] = ()
    people: tuple[Name, ...] = ()
    streams: tuple[str, ...] = ()
