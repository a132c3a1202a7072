"""Forms about no case: made from the model of a route's body, and shown again as they were filled in."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from fastapi import Request
from pydantic import ValidationError
from starlette.responses import Response
from uuid_utils.compat import uuid7

from activities.directory.asked import Asked
from activities.ledger.protocol import Unavailable
from services.api.context import now
from services.console.administration.sections import shown
from services.console.forms.faults import above, at_fault
from services.console.forms.fields import Advice, Asking, Options, fields, unplaced
from services.console.forms.sent import anew, away, key_of, retyped, typed_of
from services.console.forms.typed import Typed, body
from services.console.frame.keeping import SECRETS
from services.console.frame.navigation import ADMINISTRATION
from services.console.frame.reader import reader
from services.problems import Problem, invalid, refused
from services.signin.viewer import Sender, Viewer
from workflows.canonical import digest, escape
from workflows.decider import Refusal
from workflows.people import Frozen

F = TypeVar("F", bound=Frozen)


@dataclass(frozen=True, slots=True)
class Form(Generic[F]):
    """A form about a body: `title` heads it, `does` is on its button, `back` is where one cancels to.

    `lead` says what comes of it; `options` are what may be chosen, `known` what exists and may be named, `advice` what
    is said of a field beyond its schema. `place` is where it belongs in the navigation.
    """

    shape: type[F]
    title: str
    does: str
    back: str
    lead: str = ""
    options: Options = field(default_factory=dict)
    known: Options = field(default_factory=dict)
    template: str = "administration_form.html"
    place: str = ADMINISTRATION
    advice: Mapping[str, Advice] = field(default_factory=dict)

    def page(
        self,
        request: Request,
        viewer: Viewer,
        typed: Typed,
        problem: Problem | None = None,
        key: str = "",
        more: str = "",
        said: Mapping[str, str] | None = None,
    ) -> Response:
        """The form with what was typed, and with what is wrong with it at its fields; `more` gets another row.

        `said` is told at fields beside that, by JSON pointer.
        """
        faults = {**(said or {}), **({one.pointer: one.detail for one in problem.errors} if problem else {})}
        made = fields(
            Asking(self.shape.model_json_schema(), typed, self.options, faults, more, self.advice, self.known)
        )
        return shown(
            request,
            self.template,
            viewer,
            status=problem.status if problem else 200,
            place=self.place,
            form=self,
            fields=made,
            refusal=above(problem) if problem else "",
            amiss=list(at_fault(made)),
            unplaced=unplaced({place: one for place, one in faults.items() if place}, made),
            key=key or str(uuid7()),
            zone=reader(request, now()).zone.key,
        )

    async def done(
        self, request: Request, sender: Sender, do: Callable[[F, Asked | None], Awaitable[Response]]
    ) -> Response:
        """What comes of a form that was sent: what `do` answers; refused, the form again as it was filled in.

        Secrets apart: they are to be typed again.
        """
        typed, key = typed_of(sender.form), key_of(sender.form)

        def again(problem: Problem, key: str) -> Response:
            bare = {name: texts for name, texts in typed.items() if name not in SECRETS}
            return self.page(request, sender.looks, bare, problem, key, said=retyped(sender.form))

        if not sender.is_own:
            return again(anew(sender.looks, sender.form), key)
        try:
            wanted = self.read(request, typed)
            asked = Asked(key, digest(wanted.model_dump(mode="json"))) if key else None
            return await do(wanted, asked)
        except Problem as problem:
            return again(problem, key)
        except Refusal as refusal:
            return again(refused(refusal.data()), "")
        except Unavailable:
            return again(away(), key)

    def read(self, request: Request, typed: Typed) -> F:
        """The body that was typed. Raises a problem (422)."""
        zone = reader(request, now()).zone
        told, _ = escape(body(self.shape.model_json_schema(), typed, zone))
        try:
            return self.shape.model_validate(told)
        except ValidationError as error:
            raise invalid(error) from None
