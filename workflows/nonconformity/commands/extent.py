"""Bodies of commands about extent at other sites."""

from typing import ClassVar

from workflows.procedure import Body, Name, Text


class RecordExtent(Body):
    """Whether a site is affected too, and what was found there; a later one replaces it, the record keeps both."""

    command: ClassVar[str] = "record_extent"
    site: Name
    affected: bool
    text: Text
