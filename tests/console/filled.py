"""Every form of the console as somebody fills it in, by the route to which it is sent."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from services.console import app
from tests.api import test_audits as audits
from tests.api import test_certificates as certificates
from tests.console.conftest import Console

TYPED = 'Kept "so" <b>as</b> it is'
"""What is typed."""

POSTS = sorted(
    {
        route.path.removeprefix("/console")
        for noun in app.PAGES
        for route in noun.router.routes
        if "POST" in getattr(route, "methods", ())
    }
)
"""Where forms are sent."""

BUTTONS = {
    "/api-keys/{id}/revoke",
    "/filters/{id}/delete",
    "/grants/{id}/end",
    "/hooks/{id}/end",
    "/imports/{id}/cancel",
    "/mail/calendar",
    "/people/reinstate",
    "/mail/calendar/withdraw",
    "/profiles/named/{name}/forget",
    "/subscriptions/{id}/deliveries/{event}/redeliver",
    "/subscriptions/{id}/end",
    "/subscriptions/{id}/pause",
    "/subscriptions/{id}/resume",
    "/subscriptions/{id}/test",
}
"""Forms of a button alone: there is nothing to lose."""


@dataclass(frozen=True)
class Sent:
    """A form as somebody filled it in: where it is sent, and what of its page shows it as it was."""

    who: str
    path: str
    form: dict[str, str]
    shows: str = TYPED


async def case_of(console: Console) -> str:
    found: str = (await console.desk.reports("auditor"))["id"]
    return found


async def correcting(console: Console) -> Sent:
    return Sent(
        "owner", f"/cases/{await case_of(console)}/record-correction", {"text": TYPED, "_key": "k", "_seq": "2"}
    )


async def attaching(console: Console) -> Sent:
    return Sent("owner", f"/cases/{await case_of(console)}/upload", {"_file": "a list.txt"}, "again: <bdi>a list.txt")


async def voting(console: Console) -> Sent:
    review = (await console.desk.review(await case_of(console))).rpartition("/")[2]
    return Sent("manager", f"/reviews/{review}/recuse", {"reason": TYPED})


async def planned(console: Console) -> Sent:
    await audits.plan(console.desk, stage="stage1")
    return Sent("manager", "/audits/A-1/revise", {"scope": TYPED})


async def held(console: Console) -> Sent:
    await certificates.transfer(console.desk, "T-1")
    return Sent("member1", "/certificates/T-1/reduce", {"reason": TYPED})


async def registered(_: Console) -> Sent:
    return Sent("manager", "/clients/acme/revise", {"name": TYPED})


async def rotating(console: Console) -> Sent:
    await console.desk.key("scanner")
    [one] = (await console.desk.get("manager", "/v1/api-keys"))["items"]
    return Sent("manager", f"/api-keys/{one['id']}/rotate", {"overlap": "PT1H"}, 'value="PT1H" selected')


async def retiring(console: Console) -> Sent:
    person = (await console.desk.get("reviewer", "/v1/me"))["id"]
    return Sent("manager", "/people/retire", {"person": person, "reason": TYPED})


async def replaying(console: Console) -> Sent:
    made = await console.desk.ask("manager", "POST", "/v1/subscriptions", {"url": "https://127.0.0.1/events"})
    assert made.status_code == 201, made.text
    return Sent("manager", f"/subscriptions/{made.json()['id']}/replay", {"position": TYPED})


async def rehooking(console: Console) -> Sent:
    made = await console.desk.ask("manager", "POST", "/v1/hooks", {"source": "code", "kind": "github"})
    assert made.status_code == 201, made.text
    return Sent("manager", f"/hooks/{made.json()['id']}/rotate", {"overlap": "PT1H"}, 'value="PT1H" selected')


async def triaging(console: Console) -> Sent:
    case = (await console.desk.reports("auditor", grade=None, title="Is picked"))["id"]
    return Sent("auditor", "/triage", {"pick": f"{case}@1", "reason": TYPED, "act": "dismiss"})


async def accepting(console: Console) -> Sent:
    case = await case_of(console)
    await console.desk.submitted(case)
    seq = (await console.desk.get("reviewer", f"/v1/nonconformities/{case}"))["seq"]
    return Sent("reviewer", "/acceptance", {"of": "plan", "sign": f"{case}@{seq}@{'0' * 64}@k", "note": TYPED})


async def filtering(console: Console) -> str:
    await console.post("owner", "/filters", {"query": "view=all", "name": "All"})
    found = re.search(r'id="filter-([^"]+)"', (await console.get("owner", "/filters")).text)
    assert found is not None
    return found[1]


async def renaming(console: Console) -> Sent:
    return Sent("owner", f"/filters/{await filtering(console)}/rename", {"name": TYPED})


async def starting(console: Console) -> Sent:
    return Sent("owner", f"/filters/{await filtering(console)}/start", {"starts": "true"}, 'name="starts" value="true"')


def at(who: str, path: str, **form: str) -> Callable[[Console], Awaitable[Sent]]:
    """A form for which nothing need be there."""

    async def sent(_: Console) -> Sent:
        return Sent(who, path, form)

    return sent


def below(made: Callable[[Console], Awaitable[Sent]], tail: str) -> Callable[[Console], Awaitable[Sent]]:
    """The same form, sent by another of its buttons."""

    async def sent(console: Console) -> Sent:
        known = await made(console)
        return Sent(known.who, f"{known.path}{tail}", known.form)

    return sent


THINGS = {"cases": correcting, "reviews": voting, "audits": planned, "certificates": held, "clients": registered}

FORMS: dict[str, Callable[[Console], Awaitable[Sent]]] = {
    **{
        f"/{thing}/{{id}}/{{command}}{tail}": below(made, tail)
        for thing, made in THINGS.items()
        for tail in ("", "/draft", "/draft/discard")
    },
    "/acceptance": accepting,
    "/api-keys/new": at("manager", "/api-keys/new", source=TYPED),
    "/api-keys/{id}/rotate": rotating,
    "/cases/{id}/upload": attaching,
    "/filters": at("owner", "/filters", name=TYPED, query="view=all"),
    "/filters/{id}/rename": renaming,
    "/filters/{id}/start": starting,
    "/grants/new": at("manager", "/grants/new", reason=TYPED),
    "/hooks/new": at("manager", "/hooks/new", name=TYPED),
    "/hooks/{id}/rotate": rehooking,
    "/imports/new": at("auditor", "/imports/new", client=TYPED),
    "/mail": at("owner", "/mail", zone=TYPED),
    "/people/retire": retiring,
    "/new/report": at("auditor", "/new/report", statement=TYPED),
    "/new/{command}": at("manager", "/new/register", name=TYPED),
    "/profiles/new": at("manager", "/profiles/new", profile=TYPED),
    "/profiles/propose": at("manager", "/profiles/propose", sample=TYPED),
    "/reasons/{section}": at("manager", "/reasons/cause", texts=TYPED),
    "/subscriptions/new": at("manager", "/subscriptions/new", url=TYPED),
    "/subscriptions/{id}/replay": replaying,
    "/triage": triaging,
}
"""What is typed into each of them."""
