"""Events about extent at other sites."""

from typing import ClassVar

from workflows.decider import Event


class ExtentRecorded(Event):
    """Whether a site is affected too, and what was found there."""

    type: ClassVar[str] = "nonconformity.extent_recorded"
    site: str
    affected: bool
    text: str
