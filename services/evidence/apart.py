"""What the process that draws pages of PDFs (`services.evidence.drawing`) and the one that starts it say to each other.

What goes in is a line with the number of a page, 0 for none, and the document; what comes out is a line of JSON and,
where a page was asked for, the page as PNG.
"""

from typing import Literal, NamedTuple

FIRST = 3
"""Pages from the beginning that are drawn."""

SECONDS = 5
"""Seconds of processor time that one page may take."""

MEMORY = 512 * 2**20
"""Bytes of memory that it may take."""

Fault = Literal["locked", "damaged", "too_much"]
"""Why no page is drawn: without its password; there is none that can be read; it takes more than it may."""


class Answer(NamedTuple):
    """How it went: `fault` is None where a page follows that was asked for; `pages` is how many there are."""

    fault: Fault | None
    pages: int = 0
