"""A page by bare Jinja2: its markup is the template, each text and each value in it a string that is ready."""

import re
from collections.abc import Callable
from html import unescape

from jinja2 import Environment

_READY = re.compile(r'(?<==")[^"]+(?=")|(?<=>)[^<]*[^<\s][^<]*(?=<)')
"""What stands in quotes behind a name, and what stands between tags."""


def bare(html: str) -> Callable[[], bytes]:
    """What writes the same page, character by character, as fast as Jinja2 with autoescape can."""
    ready: list[str] = []

    def place(found: "re.Match[str]") -> str:
        ready.append(unescape(found[0]))
        return f"{{{{ ready[{len(ready) - 1}] }}}}"

    template = Environment(autoescape=True, keep_trailing_newline=True).from_string(_READY.sub(place, html))
    return lambda: template.render(ready=ready).encode()
