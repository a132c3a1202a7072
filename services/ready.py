"""What `closeout up` says when it is ready, on the terminal and in the ready file."""

from workflows.people import Frozen

CONSOLE = "/console"
"""The path of the console on the API's server."""

ISSUER = "/issuer"
"""The path of the embedded issuer there."""


MAILBOX = f"{ISSUER}/mailbox"
"""The path of the mails to sample people there."""


class PersonCard(Frozen):
    """A person of the demonstration tenant, with a token to act as them."""

    name: str
    role: str
    client: str | None = None
    token: str


class KeyCard(Frozen):
    """An integration's API key, shown this once."""

    source: str
    key: str


class Introduction(Frozen):
    """Who may act in a new installation."""

    people: tuple[PersonCard, ...] = ()
    keys: tuple[KeyCard, ...] = ()


class Ready(Frozen):
    """What `closeout up` says when it is ready. `temporal_ui` is None where another engine was given.

    `worker` is where the worker's probes and numbers are; `smtp` takes the mails that `mailbox` shows, both None where
    mail goes elsewhere.
    """

    api: str
    console: str
    temporal: str
    temporal_ui: str | None
    dsn: str
    pids: dict[str, int]
    people: tuple[PersonCard, ...]
    keys: tuple[KeyCard, ...]
    worker: str | None = None
    smtp: str | None = None
    mailbox: str | None = None
