"""Forms about no case: made from the model of a route's body, and shown again as they were filled in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from fastapi import Request
from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.responses import Response
from uuid_utils.compat import uuid7

from activities.directory.asked import Asked
from services.api.context import now
from services.console.administration.sections import shown
from services.console.forms.fields import Asking, Options, fields, unplaced
from services.console.forms.typed import Typed, body
from services.console.frame.navigation import ADMINISTRATION
from services.console.frame.reader import reader
from services.problems import Problem, invalid
from services.signin.viewer import Viewer
from workflows.canonical import digest
from workflows.people import Frozen

F = TypeVar("F", bound=Frozen)


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

    def read(self, request: Request, typed: Typed) -> F:
        """The body that was typed. Raises a problem (422)."""
        zone = reader(request, now()).zone
        try:
            return self.shape.model_validate(body(self.shape.model_json_schema(), typed, zone))
        except ValidationError as error:
            raise invalid(error) from None


def key_of(sent: FormData) -> str:
    """What a form and its repeats share."""
    return str(sent.get("_key", ""))[:200]


def asked(sent: FormData, wanted: Frozen) -> Asked | None:
    """What is wanted by a form, so that the form sent twice does it once."""
    key = key_of(sent)
    return Asked(key, digest(wanted.model_dump(mode="json"))) if key else None
