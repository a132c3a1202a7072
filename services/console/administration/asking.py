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
from services.console.forms import Asking, Options, fields, unplaced
from services.console.reader import reader
from services.console.typed import Typed, body
from services.problems import Problem, invalid
from services.signin.viewer import FIELD, Viewer
from workflows.canonical import digest
from workflows.people import Frozen

OWN = frozenset({FIELD, "_key"})
"""The fields of a form that are not the body's."""

F = TypeVar("F", bound=Frozen)


@dataclass(frozen=True, slots=True)
class Form(Generic[F]):
    """A form about a body: `title` heads it, `does` is on its button, `back` is where one cancels to.

    `lead` says what comes of it; `options` are what may be chosen.
    """

    shape: type[F]
    title: str
    does: str
    back: str
    lead: str = ""
    options: Options = field(default_factory=dict)

    def page(
        self, request: Request, viewer: Viewer, typed: Typed, problem: Problem | None = None, key: str = ""
    ) -> Response:
        """The form with what was typed, and with what is wrong with it at its fields."""
        faults: Mapping[str, str] = {one.pointer: one.detail for one in problem.errors} if problem else {}
        made = fields(Asking(self.shape.model_json_schema(), typed, self.options, faults))
        return shown(
            request,
            "administration_form.html",
            viewer,
            status=problem.status if problem else 200,
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


def typed(sent: FormData) -> dict[str, list[str]]:
    """What was typed into a form."""
    found: dict[str, list[str]] = {}
    for name, value in sent.multi_items():
        if isinstance(value, str) and name not in OWN:
            found.setdefault(name, []).append(value)
    return found


def key_of(sent: FormData) -> str:
    """What a form and its repeats share."""
    return str(sent.get("_key", ""))[:200]


def asked(sent: FormData, wanted: Frozen) -> Asked | None:
    """What is wanted by a form, so that the form sent twice does it once."""
    key = key_of(sent)
    return Asked(key, digest(wanted.model_dump(mode="json"))) if key else None
