"""Spans, where somebody collects them: the protocol, and the tracing of an installation that does not."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from temporalio.client import Interceptor

Answered = Callable[[str, int], None]
"""Tells the span of a request its route and its status."""


class Tracing(Protocol):
    """Opens spans; `interceptors` are for the engine's client, and carry them to the worker."""

    @property
    def interceptors(self) -> Sequence[Interceptor]:
        """What the engine's client is to be connected with."""
        ...

    def span(self, name: str, /, **attributes: str) -> AbstractContextManager[object]:
        """A span inside the present one."""
        ...

    def request(self, method: str, headers: Mapping[str, str], /) -> AbstractContextManager[Answered]:
        """The span of a request, inside the caller's where its headers name one."""
        ...

    def marks(self) -> Mapping[str, str]:
        """What a log line says of the present span."""
        ...

    def close(self) -> None:
        """Sends what was not sent yet."""
        ...


class Untraced:
    """No spans. `reason` says why not, where somebody seems to want them."""

    interceptors: Sequence[Interceptor] = ()

    def __init__(self, reason: str = "") -> None:
        self.reason = reason

    def span(self, _name: str, /, **_attributes: str) -> AbstractContextManager[object]:
        """Nothing around what goes on."""
        return nullcontext()

    def request(self, _method: str, _headers: Mapping[str, str], /) -> AbstractContextManager[Answered]:
        """Nothing around a request."""
        return nullcontext(_unheard)

    def marks(self) -> Mapping[str, str]:
        """Nothing to say."""
        return {}

    def close(self) -> None:
        """Nothing to send."""


def _unheard(_route: str, _status: int) -> None:
    """Nobody wants to know."""


UNTRACED = Untraced()
