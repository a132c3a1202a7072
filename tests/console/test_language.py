"""In another language no page has a word of English left, and in none a date or a span as machines write them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from html.parser import HTMLParser
from typing import Any

import pytest

from services.console import app
from services.console.frame import catalogue
from services.console.frame.rendering import ENVIRONMENT
from services.console.frame.words import heading
from services.intake import FORMATS
from tests.api import test_audits as audits
from tests.api import test_certificates as certificates
from tests.api.conftest import PEOPLE, Desk, day
from tests.console.conftest import Console
from tests.console.words import Bracketed, extracted
from workflows.people import Role
from workflows.policy_book import PolicyBook
from workflows.registry import PROCEDURES

VOID = {"input", "meta", "link", "br", "img", "hr"}
SILENT = {"script", "style", "code", "pre", "title"}
SPOKEN = {"title", "aria-label", "alt", "placeholder"}
BRACKETS = re.compile(r"⟦[^⟦⟧]*⟧")
WORD = re.compile(r"[^\W\d_]{2,}")
MACHINES = re.compile(r"\d{4}-\d\d-\d\d|(?<![\w-])P\d+[DTMYW]|(?<![\w-])PT\d")
DATE = re.compile(r"\d{1,2} [A-Z][a-z]{2,3}\b|[A-Z][a-z]{2,3} \d{4}| or ")
NAMES = re.compile(
    r"[\w.-]+@[\w.-]+|\b[a-z_]+/[0-9a-f-]{36}|\bNC-\d+-\d+|\b[0-9a-f-]{36}\b|(?<![\w-])(?:\w+_)?[0-9a-f]{8,}\b|https?://\S+|\w+:\w+/\S+|\bmanual/"
    r"|\b[A-Z]\w+/[A-Z]\w+"
)
"""Addresses, numbers, ids, hashes, zones."""

CALLED = {
    "Closeout",
    "UTC",
    "PDF",
    "DOCX",
    "CSV",
    "XLSX",
    "JSON",
    "SHA",
    "ISO",
    "IEC",
    "TOML",
    "GitHub",
    "Jira",
    "ServiceNow",
    "Standard",
    "Webhooks",
}
"""What is called so in every language."""


OWN = {"Acme Ltd", "Globex Inc", "globex", "audit", "weekly", "embedded", "client", *FORMATS}
"""What the record calls so, beside what a test sends."""


class Told(HTMLParser):
    """What a page says: texts, and what is said of what it shows."""

    def __init__(self) -> None:
        super().__init__()
        self.inside: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag not in VOID:
            self.inside.append("code" if said.get("translate") == "no" else tag)
        self.texts += [text for name, text in attrs if name in SPOKEN and text]
        if tag == "input" and said.get("type") in ("submit", "button"):
            self.texts.append(said.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        if data.strip() and not SILENT & set(self.inside[1:]):
            self.texts.append(" ".join(data.split()))


def told(page: str) -> Sequence[str]:
    """What a page says."""
    found = Told()
    found.feed(page)
    return found.texts


def typed(value: Any) -> Iterator[str]:
    """Every text of what was sent but the values that the record knows by name: those have words."""
    match value:
        case str():
            if heading(value) not in extracted():
                yield " ".join(value.split())
        case dict():
            for one in value.values():
                yield from typed(one)
        case list() | tuple():
            for one in value:
                yield from typed(one)


def left(text: str, own: re.Pattern[str]) -> str:
    """What is left of a text that is neither of the catalogue nor of the record."""
    text = own.sub(" ", NAMES.sub(" ", text))
    while (rest := BRACKETS.sub(" ", text)) != text:
        text = rest
    text = DATE.sub(" ", text)
    return text if MACHINES.search(text) or not set(WORD.findall(text)) <= CALLED else ""


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """What people and machines sent, text by text."""
    found: set[str] = {*OWN, *(who.title() for who in PEOPLE)}
    ask, post = Desk.ask, Console.post

    async def asked(self: Desk, who: str, method: str, path: str, body: Any = None, *given: Any, **more: Any) -> Any:
        found.update(typed(body), typed(more.get("params")), [self.tenant])
        return await ask(self, who, method, path, body, *given, **more)

    async def posted(self: Console, who: str, path: str, form: Mapping[str, Any], *given: Any, **more: Any) -> Any:
        found.update(typed(form))
        return await post(self, who, path, form, *given, **more)

    monkeypatch.setattr(Desk, "ask", asked)
    monkeypatch.setattr(Console, "post", posted)
    return found


@pytest.fixture
def language(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The made-up language, for as long as a test runs."""
    monkeypatch.setattr(catalogue, "_CATALOGUE", Bracketed())
    ENVIRONMENT.install_gettext_translations(Bracketed(), newstyle=True)  # type: ignore[attr-defined]  # the extension's
    yield
    monkeypatch.undo()
    ENVIRONMENT.install_gettext_translations(catalogue.catalogue(), newstyle=True)  # type: ignore[attr-defined]


async def lived(console: Console) -> Mapping[str, Sequence[str]]:
    """A body at work: of each page the addresses at which something is there, by the route."""
    desk = console.desk
    for who in PEOPLE:
        await desk.get(who, "/v1/me")
    made: dict[str, Any] = {}
    major = (await desk.reports("auditor", "F-1", grade="major", title="A major"))["id"]
    await desk.submitted(major)
    review = (await desk.review(major)).rpartition("/")[2]
    await desk.signs(
        "member1", f"/v1/committee-reviews/{review}", "vote", choice="suspend", reason="They do not answer."
    )
    minor = (await desk.reports("auditor", "F-2", title="A minor"))["id"]
    await desk.does(
        "owner",
        minor,
        "request-extension",
        deadline="plan",
        until=f"{day(20)}T12:00:00Z",
        reason="Closed.",
        containment="Locked.",
    )
    closed = (await desk.reports("auditor", "F-3", title="One that ended"))["id"]
    await desk.closed(closed)
    back = (await desk.reports("auditor", "F-4", title="One that came back"))["id"]
    await desk.submitted(back)
    await desk.does("reviewer", back, "return-plan", sections=[{"section": "cause", "reason": "Ask again why."}])
    triage = (await desk.reports("auditor", "F-5", grade=None, title="In triage yet"))["id"]
    await audits.plan(desk, stage="stage1", key="A-1")
    await certificates.audited(desk, "S-1")
    await certificates.transfer(desk, "T-1")
    await certificates.apply(desk, "C-1")
    key = await desk.key("scanner")
    for name, path, body in (
        ("subscriptions", "/v1/subscriptions", {"url": "https://8.8.8.8/events"}),
        ("hooks", "/v1/hooks", {"source": "code.example", "kind": "github"}),
    ):
        answer = await desk.ask("manager", "POST", path, body)
        assert answer.status_code == 201, answer.text
        made[name] = answer.json()["id"]
    document = await desk.ask(key, "POST", "/v1/imports", [{"title": "Something odd"}])
    assert document.status_code == 202, document.text
    await desk.once(key, f"/v1/imports/{document.json()['id']}", lambda seen: seen["ended_at"] is not None)
    await desk.ask("auditor", "PUT", "/v1/profiles/weekly", {"fields": {"title": "A"}})
    await desk.grants("observer", client="acme")
    file = (await desk.ask("owner", "POST", "/v1/evidence", content=b"a list", params={"name": "a list.txt"})).json()
    person = (await desk.get("closer", "/v1/me"))["id"]
    await console.post("manager", "/people/retire", {"person": person, "reason": "Went elsewhere."})
    await console.post("owner", "/filters", {"query": "view=all&grade=major", "name": "Of ours"})
    await console.post("owner", f"/cases/{minor}/record-correction/draft", {"text": "Half a word", "_seq": "2"})
    keys = (await desk.get("manager", "/v1/api-keys"))["items"]
    return {
        "cases": [major, minor, closed, back, triage],
        "reviews": [review],
        "audits": ["A-1", "S-1"],
        "certificates": ["T-1", "C-1"],
        "clients": ["acme"],
        "evidence": [file["id"]],
        "imports": [document.json()["id"]],
        "api-keys": [keys[0]["id"]],
        "hooks": [made["hooks"]],
        "subscriptions": [made["subscriptions"]],
        "policies": ["default"],
        "profiles": ["weekly"],
        "reasons": ["cause"],
    }


KINDS = {
    "cases": "nonconformity",
    "reviews": "committee_review",
    "audits": "audit",
    "certificates": "certificate",
    "clients": "client",
}
PLACE = re.compile(r"\{(id|key|name|section)\}")
FILES = re.compile(
    r"live$|\.csv$|/file$|/document$|^/cases.*/report$|-log$|^/static|/proof$|^/evidence/\{id\}$|/preview"
)
"""What is no page."""


def addresses(ids: Mapping[str, Sequence[str]], role: Role) -> Iterator[str]:
    """Every page of the console of everything that is there, with the forms of a role; of one thing each."""
    for noun in app.PAGES:
        for route in noun.router.routes:
            path = getattr(route, "path", "").removeprefix("/console")
            if "GET" not in getattr(route, "methods", ()) or FILES.search(path):
                continue
            kind = path.split("/")[1]
            if "{" not in path:
                yield path
            elif path == "/new/{command}":
                yield from (f"/new/{command}" for command in ("plan", "apply", "transfer-in", "register"))
            elif "{command}" in path:
                here = PLACE.sub(ids[kind][0], path.removesuffix("{command}"))
                yield from (f"{here}{command}" for command in commands(KINDS[kind], role))
            else:
                yield from (PLACE.sub(one, path.replace("{seq}", "1")) for one in ids[kind])


def commands(kind: str, role: Role) -> Iterator[str]:
    """The commands of a role on what is there, as addresses have them."""
    for row in PROCEDURES[kind].rows:
        if role in row.who and not row.internal and "" not in row.states:
            yield row.command.replace("_", "-")


async def test_no_page_has_a_word_past_the_catalogue(console: Console, sent: set[str], language: None) -> None:
    ids = await lived(console)
    policies = [policy.model_dump(mode="json") for policy in PolicyBook.load().policies]
    sent.update(text for policy in policies for text in (policy["name"], *typed(policy)))
    sent |= {"older", "/source: This field is required."}  # a policy of the tests; what a receipt keeps
    known = sorted((one for one in sent if len(one) > 1), key=len, reverse=True)
    own = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, known))})(?!\w)")
    found: dict[str, str] = {}
    for who in ("owner", "reviewer", "manager", "member1"):
        name, cookie, _ = await console.cookie(who)
        for path in dict.fromkeys(addresses(ids, PEOPLE[who][0])):
            answer = await console.desk.http.get(f"/console{path}", headers={"Cookie": f"{name}={cookie}"})
            assert answer.status_code < 500, path
            found |= {text: f"{who} {path}" for text in told(answer.text) if left(text, own)}
    assert found == {}
