"""The words of the console: English in the source, other languages by Babel's catalogues.

`pybabel extract -F services/console/babel.cfg -k mark services/console` collects them.
"""

from pathlib import Path

from babel.support import NullTranslations, Translations

_CATALOGUE: NullTranslations = Translations.load(Path(__file__).parent / "locale", ["en"], "console")


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
    """The catalogue, for templates."""
    return _CATALOGUE
