"""The words of the console as Babel collects them, and a made-up language, in which each text is in brackets."""

import re
from functools import cache
from io import StringIO
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.support import NullTranslations

import activities
import services
import workflows
from services import console

TOLD = [Path(str(package.__file__)).parent for package in (workflows, activities, services)]
"""Where texts are: of pages and mails, and those of the rules and the API, which the console tells."""

MAPPING = Path(str(console.__file__)).parent / "babel.cfg"
KEYWORDS = {"_": None, "gettext": None, "mark": None, "ngettext": (1, 2), "Sentence": None}
PLACE = re.compile(r"(%\(\w+\)s|%%|\{\w+\})")


@cache
def extracted() -> frozenset[str | tuple[str, ...]]:
    """What Babel finds in sources and templates."""
    told = StringIO(MAPPING.read_text(encoding="utf-8"))
    methods, options = parse_mapping_cfg(told)  # type: ignore[no-untyped-call]  # Babel's own
    return frozenset(
        message
        for folder in TOLD
        for _, _, message, _, _ in extract_from_dir(folder, methods, options, keywords=KEYWORDS)
    )


def bracketed(text: str) -> str:
    """A text whose words are in brackets, and what is put into it is not."""
    pieces = PLACE.split(text)
    return "".join(piece if n % 2 or not piece.strip() else f"⟦{piece}⟧" for n, piece in enumerate(pieces))


class Bracketed(NullTranslations):
    """A language that has every text which Babel finds, and no other."""

    def gettext(self, message: str) -> str:
        """A text of the catalogue in brackets; any other as it is."""
        return bracketed(message) if message in extracted() else message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """The same of a text about a number."""
        chosen = msgid1 if n == 1 else msgid2
        return bracketed(chosen) if (msgid1, msgid2) in extracted() else chosen

    ugettext, ungettext = gettext, ngettext
