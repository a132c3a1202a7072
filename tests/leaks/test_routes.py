"""Nobody who asks as one client learns anything of another: any route, with all of the other's that one could know."""

import asyncio
import json
import os
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import httpx
import pytest

from activities.directory import sessions
from activities.directory.sessions import Limits
from services.signin import cookies
from services.tokens import Issuer
from tests.api.conftest import FINDING, Office, day
from tests.leaks.asking import Ask, Asking, Never, Route, routes
from tests.leaks.estates import Estate, tokens
from tests.leaks.looking import Answer, Gist, asked, heard, unpacked
from workflows.nonconformity.refusals import AnotherFinding
from workflows.people import Actor, Authentication

CHECKS = int(os.environ.get("CLOSEOUT_LEAK_CHECKS", "5000"))
SEED = int(os.environ.get("CLOSEOUT_LEAK_SEED", "1"))
LANES = 4
LIMITS = Limits(timedelta(hours=8), timedelta(hours=8))

ALONE = frozenset({"/console/sign-out", "/console/sign-in", "/console/callback", "/console/signed-out"})
"""Routes that are asked by nobody: who signs out sees nothing more."""

KNOWN_ADDRESS = frozenset({"/v1/hooks/{id}"})
"""Where an id is told from one that is none, because it is a secret of 128 bits that only its sender has."""

STAFF = {
    "auditor": ("staff", "client", "certificate"),
    "late": ("staff", "client", "certificate", "audit"),
    "guest": ("staff",),
    "former": ("staff",),
    "revoked": ("staff",),
    "observer": ("staff",),
}
"""Who of the body sees less than all of it, and what of another client's they do see: colleagues by name, at least."""

TAKEN = '"code":"audit_of_another"'
"""Who reports for all clients of a body is told that an audit is another client's than the finding's, and no more."""

FOR_ALL = frozenset({"key, source", *STAFF})
"""Who does."""

AGAIN = 3
"""How often two answers must differ: commands that were taken meanwhile change what the next one is told."""


@dataclass
class Seeker:
    """Somebody who has one estate; `sees` is what they may see of others'."""

    name: str
    own: Estate
    others: list[Estate]
    headers: dict[str, str]
    pages: bool = False
    sees: set[str] = field(default_factory=set)

    def fits(self, route: Route) -> bool:
        """Whether they would ask this route: pages with a session, all else with a bearer."""
        return route.path.startswith("/console") == self.pages and route.path not in ALONE


async def _session(office: Office, estate: Estate, who: str) -> dict[str, str]:
    role, name, client = estate.desk.person(who)
    issuer = Issuer.of(office.settings)
    assert issuer is not None
    at = datetime.now(UTC)
    actor = Actor(
        id=issuer.subject(estate.desk.tenant, client, name), name=name, roles=frozenset({role}), client=client,
        authenticated=Authentication(method="pwd", at=at),
    )  # fmt: skip
    text = await sessions.begin(office.ledger.database, estate.desk.tenant, actor, "", at, LIMITS, csrf="csrf")
    return {"Cookie": f"{cookies.session(office.settings).name}={text}", "X-Csrf": "csrf"}


async def _seekers(office: Office, three: tuple[Estate, Estate, Estate]) -> list[Seeker]:
    one, other, abroad = three
    found = []
    for who in ("owner", "approver", "internal"):
        bearer = {"Authorization": f"Bearer {one.desk.token(who)}"}
        found.append(Seeker(who, one, [other, other, abroad], bearer))
        found.append(Seeker(f"{who}, pages", one, [other, other, abroad], await _session(office, one, who), pages=True))
    for name, key in one.keys.items():
        sees = other.parts["client"] if name == "source" else set()
        bearer = {"Authorization": f"Bearer {key}"}
        found.append(Seeker(f"key, {name}", one, [other, other, abroad], bearer, sees=sees))
    for who, parts in STAFF.items():
        sees = set().union(*(other.parts[part] for part in parts))
        bearer = {"Authorization": f"Bearer {one.desk.token(who)}"}
        found.append(Seeker(who, one, [other, other, abroad], bearer, sees=sees))
        pages = await _session(office, one, who)
        found.append(Seeker(f"{who}, pages", one, [other, other, abroad], pages, pages=True, sees=sees))
    for who in ("manager", "auditor"):
        bearer = {"Authorization": f"Bearer {abroad.desk.token(who)}"}
        found.append(Seeker(f"{who} abroad", abroad, [one, other], bearer))
        pages = await _session(office, abroad, who)
        found.append(Seeker(f"{who} abroad, pages", abroad, [one, other], pages, pages=True))
    return found


@dataclass
class Search:
    """Asks, and looks at each answer; `said` is what was written and may be read again since."""

    office: Office
    http: httpx.AsyncClient
    said: set[str] = field(default_factory=set)
    checks: int = 0
    found: list[str] = field(default_factory=list)
    seen: Counter[tuple[str, int]] = field(default_factory=Counter)

    async def answer(self, seeker: Seeker, ask: Ask) -> Answer:
        """The answer to a request, looked at for what it should not say."""
        request = self._request(seeker, ask)
        if ask.route.method != "GET":
            self.said |= tokens(ask.text)
        listens = ask.route.path == "/v1/events" or ask.route.path.endswith("/live")
        answer = await (heard(self.office.app, request) if listens else asked(self.http, request))
        self.checks += 1
        self.seen[f"{ask.route.method} {ask.route.path}", answer.status] += 1
        theirs = set().union(*(one.strange_to(seeker.own, one.secrets) for one in seeker.others))
        secrets = theirs - seeker.sees - self.said - tokens(ask.text)
        if told := tokens(answer.text) & secrets:
            self.found.append(f"{seeker.name}: {ask.route.method} {ask.address} {ask.body} {answer.status} told {told}")
        return answer

    async def compare(self, seeker: Seeker, ask: Ask) -> None:
        """Asks about what is another's, and about what never was: both are answered alike."""
        never = Never(seeker.others)
        twin = never.ask(ask)
        if twin == ask or tokens(ask.text) & seeker.sees:
            await self.answer(seeker, ask)
            return
        differing, said = None, ""
        for turn in range(AGAIN):
            await asyncio.sleep(turn)  # an import that is being read says so
            if turn:  # what was answered under a key is answered so again, though what it moved answers otherwise now
                ask, twin = ask.keyless(), twin.keyless()
            one, two = await self.answer(seeker, ask), await self.answer(seeker, twin)
            differing, said = _differing(one.gist(never.of), two.gist(never.of)), one.text
            if differing is None:
                return
        is_told = TAKEN in said and seeker.name.removesuffix(", pages") in FOR_ALL
        if ask.route.path not in KNOWN_ADDRESS and not is_told:
            text = f"{seeker.name}: {ask.route.method} {ask.address} {ask.headers} {ask.body}"
            self.found.append(f"{text}\n   is answered {differing}")

    def _request(self, seeker: Seeker, ask: Ask) -> httpx.Request:
        headers = {**seeker.headers, **dict(ask.headers)}
        how: dict[str, Any] = {"json": ask.body} if not seeker.pages else {"data": {"csrf": "csrf", **(ask.body or {})}}
        if ask.route.method == "GET":
            how = {}
        elif ask.route.path == "/v1/evidence":
            how = {"content": f"text of {ask.body}".encode()}
        elif ask.route.path.endswith("/upload"):
            how = {"data": ask.body, "files": {"file": ("some.txt", b"text", "text/plain")}}
        return self.http.build_request(ask.route.method, ask.address, headers=headers, **how)


def _differing(one: Gist, two: Gist) -> str | None:
    """Where two answers differ; None where they say the same."""
    if one == two:
        return None
    if one[:2] != two[:2]:
        return f"{one[:2]} {one[2][:400]}\n   and not {two[:2]} {two[2][:400]}"
    at = next((n for n, (a, b) in enumerate(zip(one[2], two[2], strict=False)) if a != b), 0)
    return f"...{one[2][max(0, at - 150) : at + 150]!r}\n   and not {two[2][max(0, at - 150) : at + 150]!r}"


async def test_an_idempotency_key_of_another_is_free_to_oneself(
    http: httpx.AsyncClient, office: Office, three: tuple[Estate, Estate, Estate]
) -> None:
    """Of two API keys of one source, each bound to a client, neither is told what the other used."""
    one, other, _ = three
    seeker = Seeker("key, bound", one, [other], {"Authorization": f"Bearer {one.keys['bound']}"})
    search = Search(office, http)
    for path in ("/v1/findings", "/v1/imports"):
        source = {"system": "scanner", "external_id": one.word()}
        once = (("Idempotency-Key", other.sayable("once")[0]),)
        body = FINDING | {"client": one.client, "source": source}
        answer = await search.answer(seeker, Ask(Route("POST", path, {}), path, (), once, body))
        assert answer.status in (201, 202), answer.text
    assert search.found == []


@pytest.mark.timeout(600)
async def test_no_answer_tells_anything_of_another(
    office: Office, http: httpx.AsyncClient, three: tuple[Estate, Estate, Estate]
) -> None:
    seekers, known = await _seekers(office, three), routes(office.app)
    search = Search(office, http)
    asks = Random(SEED)  # noqa: S311 - the same each time

    async def lane(random: Random) -> None:
        while search.checks < CHECKS:
            seeker = random.choice(seekers)
            fitting = [route for route in known if seeker.fits(route)]
            reached = {name for name, _ in search.seen}
            fresh = [1 if f"{route.method} {route.path}" in reached else 5 for route in fitting]
            weights = [(3 if route.method == "GET" else 1) * new for route, new in zip(fitting, fresh, strict=True)]
            [route] = random.choices(fitting, weights)
            await search.compare(seeker, Asking(office.app, seeker.own, seeker.others, random).request(route))

    lanes = [Random(asks.random()) for _ in range(LANES)]  # noqa: S311 - the same each time
    await asyncio.gather(*map(lane, lanes))
    assert not search.found, "\n".join([f"{len(search.found)} in {search.checks}", *search.found[:40]])
    assert {f"{one.method} {one.path}" for one in known if one.path not in ALONE} <= {name for name, _ in search.seen}


async def test_whose_a_reference_is_is_not_told(
    http: httpx.AsyncClient, office: Office, three: tuple[Estate, Estate, Estate]
) -> None:
    """A source's references are its own: that one is taken is said to its other key, and nothing of the case."""
    one, other, _ = three
    seeker = Seeker("key, bound", one, [other], {"Authorization": f"Bearer {one.keys['bound']}"})
    search = Search(office, http)
    body = FINDING | {"client": one.client, "source": {"system": "scanner", "external_id": other.scanned}}
    answer = await search.answer(seeker, Ask(Route("POST", "/v1/findings", {}), "/v1/findings", (), (), body))
    assert (answer.status, json.loads(answer.body)["code"], search.found) == (409, AnotherFinding.code, [])


async def test_a_report_names_nobody_of_another_client(office: Office, three: tuple[Estate, Estate, Estate]) -> None:
    """An id of somebody else, written where the owner of an action stands, stays an id."""
    one, other, _ = three
    case = (await one.desk.reports("auditor", one.word(), client=one.client))["id"]
    cause = {"method": "five_whys", "steps": ["So"], "causes": [{"key": "c1", "text": "So"}]}
    await one.desk.does("owner", case, "record-cause", **cause, extent={"looked_at": ["all"], "found": []})
    for number, person in enumerate((other.things["person"][0], one.things["person"][1])):
        told = {"key": f"a{number}", "text": "Do it.", "causes": ["c1"], "owner": person, "due_on": day(5)}
        await one.desk.does("owner", case, "plan-action", **told)
    for how in ("docx", "pdf"):
        answer = await one.desk.ask("owner", "GET", f"/v1/nonconformities/{case}/report", params={"format": how})
        assert answer.status_code == 200
        assert other.desk.names["owner"] not in unpacked(answer.content)
        assert one.desk.names["approver"] in unpacked(answer.content)


async def test_a_key_that_is_taken_tells_nothing_of_whose_it_is(
    http: httpx.AsyncClient, office: Office, three: tuple[Estate, Estate, Estate]
) -> None:
    """Keys of audits are the body's: that one is taken is said, and alike however the audit of it stands."""
    one, other, _ = three
    seeker = Seeker("internal", one, [other], {"Authorization": f"Bearer {one.desk.token('internal')}"})
    search = Search(office, http)
    plan = {
        "client": one.client,
        "stage": "internal",
        "standards": ["ISO 9001:2015"],
        "starts_on": day(),
        "ends_on": day(),
    }
    team = [{"person": one.desk.names["internal"], "role": "lead"}]
    told = []
    for key in other.things["audit"]:
        ask = Ask(Route("POST", "/v1/audits", {}), "/v1/audits", (), (), plan | {"key": key, "team": team})
        told.append((await search.answer(seeker, ask)).gist(Never([other]).of))
    assert told[0] == told[1]
    assert (told[0][0], search.found) == (403, [])
