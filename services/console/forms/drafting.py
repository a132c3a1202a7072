"""Drafts of forms: what somebody typed, as it is there when they come back, and until it is recorded.

They are their person's alone. What a signature says is in none, and no file.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from activities.directory import drafts
from activities.directory.drafts import Draft, Form, Listed
from activities.ledger.protocol import Recorded, Stream, Unavailable
from services.api.context import Api, now
from services.auth import Caller
from services.console.forms.sent import about, about_of, keepable, key_of, seq_of, typed_of
from services.console.forms.subject import Subject
from services.console.forms.typed import Typed
from services.signin.forms import Filled
from workflows.procedure import Row


@dataclass(frozen=True, slots=True)
class Opened:
    """What a form shows, what it is opened for, the draft that it shows, and what happened since that was typed."""

    typed: Typed
    about: str
    draft: Draft | None = None
    since: Sequence[Recorded] = ()

    @property
    def said(self) -> Typed:
        """What is typed of it, without what was left empty."""
        return {name: texts for name, texts in self.typed.items() if any(text.strip() for text in texts)}


async def opened(api: Api, caller: Caller, found: Subject, row: Row, asked: Mapping[str, str]) -> Opened:
    """A form with its draft, all of it, else with what is known; and with what the address says. Raises Unavailable."""
    form = Form(caller.actor.id, found.stream.name, row.command, about(asked))
    draft = await drafts.find(api.database, caller.tenant, form, since(api))
    if draft is None:
        return Opened(found.beginning(row.command, asked), form.about)
    typed: Typed = {**draft.typed, **{name: [text] for name, text in asked.items()}}
    return Opened(typed, form.about, draft, [event for event in found.history if event.seq > draft.seq])


async def kept(api: Api, caller: Caller, stream: Stream, row: Row, sent: Filled) -> tuple[Form, Draft | None]:
    """Keeps what was typed into a form about a stream: the form, and its draft.

    There is none where nothing is typed, or the form was recorded already. Raises TooLarge, TooMany, and Unavailable.
    """
    fields = keepable(row)
    typed = {name: texts for name, texts in typed_of(sent).items() if name.partition(".")[0] in fields}
    form = Form(caller.actor.id, stream.name, row.command, about_of(sent))
    if not any(text.strip() for texts in typed.values() for text in texts):
        await drafts.discard(api.database, caller.tenant, form)
        return form, None
    key, seq = key_of(sent), seq_of(sent)
    if not key.isprintable():
        key = ""  # no command was recorded under it
    seq = stream.seq if seq is None else min(seq, stream.seq)
    return form, await drafts.keep(api.database, caller.tenant, form, typed, seq, key, now(), since(api))


async def listed(api: Api, caller: Caller, stream: str) -> Sequence[Listed]:
    """The forms about a stream of which somebody has drafts. Raises Unavailable."""
    return await drafts.listed(api.database, caller.tenant, caller.actor.id, stream, since(api))


async def sent(api: Api, caller: Caller, stream: str, command: str, about: str) -> None:
    """Forgets the draft of a form that was recorded; where that cannot be now, it stays, and says of when it is."""
    with suppress(Unavailable):
        await drafts.discard(api.database, caller.tenant, Form(caller.actor.id, stream, command, about))


def since(api: Api) -> datetime:
    """What was kept by then is forgotten."""
    return now() - api.settings.drafts_kept
