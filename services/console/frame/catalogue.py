"""The words of the console and of mail: English in the source, other languages by Babel's catalogues.

`pybabel extract -F services/console/babel.cfg -k mark services/console services/mail services/reports` collects them:
what a document says in English, the console may tell in its reader's language. A language is
`locale/LANGUAGE/LC_MESSAGES/closeout.mo`, as `pybabel compile` makes it.
"""

from pathlib import Path

from babel.support import NullTranslations, Translations

DOMAIN = "closeout"
FOLDER = Path(__file__).parents[1] / "locale"


def load(language: str, folder: Path = FOLDER) -> NullTranslations:
    """The catalogue of a language; one without any words where there is none, so that all stays as in the source."""
    return Translations.load(folder, [language], DOMAIN)


_CATALOGUE = load("en")


def mark(text: str) -> str:
    """A text that is translated where it is shown."""
    return text


def gettext(text: str) -> str:
    """A text in the reader's language."""
    told: str = _CATALOGUE.gettext(text)
    return told


def ngettext(one: str, many: str, num: int) -> str:
    """A text about a number, which it names as `%(num)s`."""
    told: str = _CATALOGUE.ngettext(one, many, num)
    return told % {"num": num}


def catalogue() -> NullTranslations:
    """The catalogue, for templates and mails."""
    return _CATALOGUE
