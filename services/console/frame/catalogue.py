"""The words of the console and of mail: English in the source, other languages by Babel's catalogues.

`pybabel extract -F services/console/babel.cfg -k mark -k Sentence workflows activities services` collects them: what
the rules, the API and documents say in English, the console tells in its reader's language. A language is
`locale/LANGUAGE/LC_MESSAGES/closeout.mo`, as `pybabel compile` makes it.
"""

from pathlib import Path

from babel.support import NullTranslations, Translations

from workflows.sentences import mark

__all__ = ["catalogue", "gettext", "load", "mark", "ngettext"]


__all__ = ["DOMAIN", "FOLDER", "catalogue", "gettext", "load", "mark", "ngettext"]

DOMAIN = "closeout"
FOLDER = Path(__file__).parents[1] / "locale"


def load(language: str, folder: Path = FOLDER) -> NullTranslations:
    """The catalogue of a language; one without any words where there is none, so that all stays as in the source."""
    return Translations.load(folder, [language], DOMAIN)


_CATALOGUE = load("en")


def gettext(text: str) -> str:
    """A text in the reader's language; nothing for nothing, under which catalogues keep what they are."""
    told: str = _CATALOGUE.gettext(text) if text else ""
    return told


def ngettext(one: str, many: str, num: int) -> str:
    """A text about a number, which it names as `%(num)s`."""
    told: str = _CATALOGUE.ngettext(one, many, num)
    return told % {"num": num}


def catalogue() -> NullTranslations:
    """The catalogue, for templates and mails."""
    return _CATALOGUE
