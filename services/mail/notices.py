"""What a person is told of an event: facts, as they are kept until the mail is written."""

from datetime import datetime

from pydantic import Field

from workflows.people import Message


class Notice(Message):
    """One event for one person.

    `said` is what happened and `todo` what they have to do now, None for nothing, in words that are translated when
    they are written; `why` is what the event states of it, `due_at` the next date of the kind `due`, `safe_at` by when
    to act so that no date is missed, all read in `zone`. `path` is where to act, `thread` what the mail belongs to,
    `actor` who did it, empty for the clock, and where `by_body` says that it was somebody of the body; `client` is what
    the client is called, empty for its own people.
    """

    type: str
    said: str
    at: datetime
    number: str | None = None
    title: str = ""
    client: str = ""
    actor: str = ""
    by_body: bool = False
    why: tuple[str, ...] = Field(default=(), max_length=50)
    todo: str | None = None
    due: str | None = None
    due_at: datetime | None = None
    safe_at: datetime | None = None
    zone: str = "UTC"
    path: str
    thread: str
