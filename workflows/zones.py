"""Time zones by their names in the IANA database."""

from functools import cache
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator

from workflows.sentences import Sentence

# Each call of available_timezones walks the whole database on disk: 20 ms.
_zones = cache(available_timezones)


def _known(name: str) -> str:
    if name not in _zones():
        raise ValueError(
            Sentence("{name} is no time zone of the IANA database, such as Europe/Vienna", name=repr(name))
        )
    return name


Zone = Annotated[str, AfterValidator(_known)]
