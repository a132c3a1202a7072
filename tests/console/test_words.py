"""The words of pages and mails go through catalogues, and none past them."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from babel.messages import Catalog
from babel.messages.mofile import write_mo

from services import console, mail
from services.console.frame import catalogue
from services.console.frame.catalogue import DOMAIN, load
from services.console.things import sitting
from services.console.things.work import DUTIES, Task
from services.mail.composing import DUE, Composer, Letter
from services.mail.concerns import CONCERNS
from services.mail.notices import Notice
from services.reports import deciding
from tests.console.words import extracted
from tests.mail.server import html, text
from workflows.decider import Refusal
from workflows.people import Person

FOLDERS = [Path(str(package.__file__)).parent for package in (console, mail)]
BRACES = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
SPOKEN = re.compile(r"\b(?:aria-label|alt|title|placeholder)=\"([^\"]*)\"")
SILENT = re.compile(r"<(style|code)\b.*?</\1>|\b[\w-]+=\"[^\"]*\"", re.DOTALL)
TAG = re.compile(r"<[^>]*>")
WORD = re.compile(r"[A-Za-z]{2,}")
NAMES = {"Closeout", "Europe", "Vienna", "SHA", "CSV", "ISO", "IEC"}
"""What is called so in every language."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the catalogue of a language in which each text stands in brackets."""
    made = tmp_path_factory.mktemp("locale")
    catalog = Catalog(locale="de", domain=DOMAIN)
    for message in extracted():
        strings = [f"⟦{one}⟧" for one in ([message] if isinstance(message, str) else message)]
        catalog.add(message, strings[0] if isinstance(message, str) else strings)
    place = made / "de" / "LC_MESSAGES"
    place.mkdir(parents=True)
    with (place / f"{DOMAIN}.mo").open("wb") as file:
        write_mo(file, catalog)
    return made


def refusals(base: type[Refusal]) -> Iterator[type[Refusal]]:
    """Every rule that is loaded."""
    for one in base.__subclasses__():
        yield one
        yield from refusals(one)


def test_what_tables_say_is_collected() -> None:
    found = extracted()
    assert {concern.said for concern in CONCERNS.values()} <= found
    assert {duty.why for duty in DUTIES} | set(DUE.values()) <= found
    assert {one.why for one in vars(sitting).values() if isinstance(one, Task)} <= found
    assert {text for texts, _ in deciding.TELLS.values() for text in texts} <= found
    assert {refusal.says for refusal in refusals(Refusal) if not refusal.__module__.startswith("tests.")} <= found
    assert {"Verify the record", "Choose how you are told", ("in %(num)s day", "in %(num)s days")} <= found


@pytest.mark.parametrize(
    "path", sorted(path for one in FOLDERS for path in one.glob("templates/*")), ids=lambda p: p.name
)
def test_no_template_says_anything_past_the_catalogue(path: Path) -> None:
    source = BRACES.sub("", path.read_text(encoding="utf-8"))
    said = [TAG.sub(" ", SILENT.sub("", source)), *SPOKEN.findall(source)]
    assert set(WORD.findall(" ".join(said))) <= NAMES


def test_nothing_is_told_as_nothing() -> None:
    assert catalogue.gettext("") == ""


def test_a_language_without_a_catalogue_is_as_the_source_has_it(tmp_path: Path) -> None:
    assert load("tlh", tmp_path).gettext("Inbox") == "Inbox"


@pytest.mark.parametrize("many", [False, True])
def test_a_mail_is_in_the_language_of_its_catalogue(folder: Path, many: bool) -> None:
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    words = load("de", folder)
    composer, to = (
        Composer("closeout@closeout.example", "https://1.example", words),
        Person(id="p", name="5", email="p@q.example"),
    )
    notices = [
        Notice(
            type=name,
            said=concern.said,
            at=at,
            todo=DUTIES[n % len(DUTIES)].why,
            due=list(DUE)[n % len(DUE)],
            due_at=at,
            safe_at=at - timedelta(days=1),
            actor="7",
            why=("8",),
            client="6",
            title="9",
            path="/1",
            thread=f"x.{n}",
        )
        for n, (name, concern) in enumerate(CONCERNS.items())
    ]
    for letter in [notices] if many else [[one] for one in notices]:
        written = composer.compose("t1", Letter(str(uuid4()), letter), to, at)
        page = html(written)
        assert '<html lang="de">' in page
        assert "Sonntag 1 März 2026" in page
        for said in (written["subject"], text(written), TAG.sub(" ", page)):
            rest = re.sub(r"⟦[^⟧]*⟧|https://\S+|\bUTC\b|(Sonn|Sams)tag \d+ (März|Februar)", "", said)
            assert WORD.findall(rest) == []
