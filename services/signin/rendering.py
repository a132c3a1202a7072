"""The few pages of sign-in itself: they stand alone, for whoever sees them is not in the console yet."""

from collections.abc import Mapping
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

STYLE = "/console/sign-in.css"

_ENVIRONMENT = Environment(
    loader=PackageLoader("services.signin"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(name: str, values: Mapping[str, object], status: int = 200) -> HTMLResponse:
    """The page of a template."""
    return HTMLResponse(_ENVIRONMENT.get_template(name).render(style=STYLE, **values), status)


def style() -> Response:
    """How these pages look."""
    text = (files("services") / "signin" / "templates" / "sign-in.css").read_text(encoding="utf-8")
    return Response(text, media_type="text/css", headers={"Cache-Control": "max-age=3600"})
