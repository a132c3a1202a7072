"""What pages of machines with secrets share: the form by which one gets another, and the page that shows it, once."""

from dataclasses import dataclass
from typing import TypeVar

from fastapi import Request
from starlette.responses import Response

from services.api.secrets import Rotation
from services.console.administration.asking import Form
from services.console.administration.sections import shown
from services.console.frame.catalogue import gettext
from services.signin.viewer import Viewer

R = TypeVar("R", bound=Rotation)

USUAL = {"overlap": ["P1D"]}
"""What the form begins with."""


@dataclass(frozen=True, slots=True)
class Sender:
    """What is set at the sender of a hook: for a kind of sender, where it posts to."""

    kind: str
    address: str


def rotating(shape: type[R], title: str, back: str) -> Form[R]:
    """The form of another secret."""
    overlaps = [
        ("PT0S", gettext("Not at all")),
        ("PT1H", gettext("An hour")),
        ("P1D", gettext("A day")),
        ("P7D", gettext("A week")),
    ]
    lead = gettext("How long the secret that it has now stays good beside the new one.")
    return Form(shape, title, gettext("Make the secret"), back, lead, {"overlap": overlaps})


def told(
    request: Request, viewer: Viewer, name: str, secret: str | None, back: str, sender: Sender | None = None
) -> Response:
    """The page of a secret; None where the form was sent before. `sender` is who uses a hook's."""
    return shown(request, "secret.html", viewer, name=name, text=secret, back=back, sender=sender)
