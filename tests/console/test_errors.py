"""What does not work is said on a page, with the id that leads to the log; elsewhere as the API says it."""

import re
from pathlib import Path
from typing import Any

import pytest

from activities.ledger.protocol import Unavailable
from activities.reads import reviews
from services import console as pages
from tests.console.conftest import Console, settled


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "/cases/nowhere",
        "/cases/a%2Fb/c/d/e",
        "/cases/nowhere/nothing",
        "/audits/none",
        "/static/no.css",
        "/sign-in/x",
    ],
)
async def test_an_unknown_address_is_a_page(console: Console, path: str) -> None:
    answer = await console.get("reviewer", path, **{"X-Request-Id": "look-for-this"})
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "<h1>Not found</h1>" in answer.text
    assert "look-for-this" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_a_page_that_is_asked_in_another_way_says_so(console: Console) -> None:
    answer = await console.post("reviewer", "/overview", {})
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET"
    assert "<h1>Not possible here</h1>" in answer.text
    badly = await console.get("reviewer", "/reviews/x/live?seq=none")
    assert badly.status_code == 422
    assert badly.headers["content-type"].startswith("text/html")


async def test_what_is_not_for_somebody_is_said_on_a_page(console: Console) -> None:
    for answer in (
        await console.get("owner", "/api-keys"),
        await console.post("owner", "/sign-out", {"csrf": "of another"}),
    ):
        assert answer.status_code == 403
        assert "<h1>Not for you to do</h1>" in answer.text
    assert "Grants belong to: Admin or Scheme manager." in (await console.get("owner", "/grants")).text


@pytest.mark.parametrize(
    ("fault", "status", "title"),
    [(Unavailable("away"), 503, "Away for a moment"), (RuntimeError("a secret"), 500, "This did not work")],
)
async def test_what_fails_is_said_on_a_page_without_its_reasons(
    console: Console, monkeypatch: pytest.MonkeyPatch, fault: Exception, status: int, title: str
) -> None:
    async def fails(*_: Any) -> None:
        raise fault

    monkeypatch.setattr(reviews, "listed", fails)
    answer = await console.get("manager", "/reviews", **{"X-Request-Id": "look-for-this"})
    assert answer.status_code == status
    assert f"<h1>{title}</h1>" in answer.text
    assert "look-for-this" in answer.text
    assert str(fault) not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    api = await console.desk.ask("manager", "GET", "/v1/committee-reviews")
    assert (api.status_code, api.headers["content-type"]) == (status, "application/problem+json")


async def test_the_api_says_what_is_not_there_as_a_problem(console: Console) -> None:
    answer = await console.desk.ask("manager", "GET", "/v1/nowhere")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert (await console.desk.http.get("/consoles")).headers["content-type"] == "application/problem+json"


async def test_pages_say_where_in_the_navigation_one_is(console: Console) -> None:
    for path, place, said in (
        ("/", "/", "page"),
        ("/reviews", "/reviews", "page"),
        ("/audits", "/audits", "page"),
        ("/new/plan", "/audits", "true"),
        ("/overview", "/overview", "page"),
        ("/clients", "/administration", "true"),
        ("/clients/acme", "/administration", "true"),
        ("/policies/default", "/administration", "true"),
    ):
        told = (await console.get("manager", path)).text
        nav = told[told.index('<nav aria-label="Console">') : told.index("</nav>")]
        assert f'href="/console{place}" aria-current="{said}"' in nav, path
        assert nav.count("aria-current") == 1, path


async def test_a_certification_body_is_called_by_its_name(console: Console) -> None:
    tenant = console.desk.tenant
    assert f"<bdi>{tenant}</bdi>" in (await console.get("manager", "/")).text
    with settled(console, body_names=f"other = Other AG; {tenant} = Sure & Certain Ltd"):
        told = (await console.get("manager", "/")).text
    assert "for the certification body <bdi>Sure &amp; Certain Ltd</bdi>" in told
    assert f"<bdi>{tenant}</bdi>" not in told


def test_no_link_hides_why_there_is_no_file() -> None:
    # Where a link says `download`, browsers drop the page of an error without a word. What is saved, the answer says.
    templates = Path(str(pages.__file__)).parent / "templates"
    sources = {path.name: path.read_text(encoding="utf-8") for path in templates.glob("*.html")}
    assert [name for name, source in sources.items() if re.search(r"<a\b[^>]*\sdownload\b", source)] == []
