"""Forms about no case: made from the model of a route's body, and shown again as they were filled in."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from fastapi import Request
from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.responses import Response
from uuid_utils.compat import uuid7

from activities.directory.asked import Asked
from services.api import clients
from services.api.context import Api, now
from services.auth import Caller
from services.console.administration.sections import shown
from services.console.forms.fields import Asking, Options, fields, unplaced
from services.console.forms.sent import typed_of
from services.console.forms.typed import Typed, body
from services.console.frame.navigation import ADMINISTRATION
from services.console.frame.reader import reader
from services.problems import Problem, invalid, refused
from services.signin.viewer import Viewer
from workflows.canonical import digest, escape
from workflows.decider import Refusal
from workflows.people import Frozen

F = TypeVar("F", bound=Frozen)

OFFERED = 200
"""So many clients, or people, are offered; where there are more, one's key or id is typed."""


@dataclass(frozen=True, slots=True)
class Form(Generic[F]):
    """A form about a body: `title` heads it, `does` is on its button, `back` is where one cancels to.

    `lead` says what comes of it; `options` are what may be chosen. `place` is where it belongs in the navigation.
    """

    shape: type[F]
    title: str
    does: str
    back: str
    lead: str = ""
    options: Options = field(default_factory=dict)
    template: str = "administration_form.html"
    place: str = ADMINISTRATION

    def page(
        self,
        request: Request,
        viewer: Viewer,
        typed: Typed,
        problem: Problem | None = None,
        key: str = "",
        more: str = "",
    ) -> Response:
        """The form with what was typed, and with what is wrong with it at its fields; `more` gets another row."""
        faults: Mapping[str, str] = {one.pointer: one.detail for one in problem.errors} if problem else {}
        made = fields(Asking(self.shape.model_json_schema(), typed, self.options, faults, more))
        return shown(
            request,
            self.template,
            viewer,
            status=problem.status if problem else 200,
            place=self.place,
            form=self,
            fields=made,
            refusal=problem.detail if problem else "",
            unplaced=unplaced({place: one for place, one in faults.items() if place}, made),
            key=key or str(uuid7()),
            zone=reader(request, now()).zone.key,
        )

    async def done(
        self, request: Request, viewer: Viewer, do: Callable[[F, Asked | None], Awaitable[Response]]
    ) -> Response:
        """What comes of a form that was sent: what `do` answers; refused, the form again as it was filled in."""
        sent = await request.form()
        typed = typed_of(sent)
        try:
            wanted = self.read(request, typed)
            return await do(wanted, _asked(sent, wanted))
        except Problem as problem:
            return self.page(request, viewer, typed, problem, key_of(sent))
        except Refusal as refusal:
            return self.page(request, viewer, typed, refused(refusal.data()))

    def read(self, request: Request, typed: Typed) -> F:
        """The body that was typed. Raises a problem (422)."""
        zone = reader(request, now()).zone
        told, _ = escape(body(self.shape.model_json_schema(), typed, zone))
        try:
            return self.shape.model_validate(told)
        except ValidationError as error:
            raise invalid(error) from None


def key_of(sent: FormData) -> str:
    """What a form and its repeats share."""
    return str(sent.get("_key", ""))[:200]


def _asked(sent: FormData, wanted: Frozen) -> Asked | None:
    """What is wanted by a form, so that the form sent twice does it once."""
    key = key_of(sent)
    return Asked(key, digest(wanted.model_dump(mode="json"))) if key else None


async def clients_offered(api: Api, caller: Caller) -> Options:
    """The clients of a body by name, to choose one for the field `client`; nothing where they are too many."""
    found = await clients.listed(api, caller, None, OFFERED)
    known = [(one["key"], one.get("name") or one["key"]) for one in json.loads(found.items) if not one["merged_into"]]
    return {"client": sorted(known, key=lambda one: one[1])} if found.last is None else {}
