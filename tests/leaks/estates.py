"""What a client has: cases in every state and all that is kept beside them, each text in a word of its own."""

import asyncio
import hashlib
import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

import httpx

from activities.directory import drafts, filters
from activities.ledger.protocol import Scope
from services.bootstrap import mint
from tests.api.conftest import FINDING, PEOPLE, Desk, Office, day
from tests.api.test_hooks import alert, github
from workflows.people import Role

UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
TOKEN = re.compile(
    rf"{UUID}|(?<![0-9a-f])[0-9a-f]{{64}}(?![0-9a-f])|zq[a-z]\d+z|NC-\d{{4}}-\d+|\bck_\w+"
    r"|\bt[0-9a-f]{12}(?:_[0-9a-f]{32})?\b|\b[0-9a-f]{16}\b"
)
"""What names a thing or quotes one: ids, hashes, words of somebody's own, numbers, secrets."""

STAFF = ("reviewer", "closer", "member1", "member2", "member3", "manager", "observer")
OWN = {"owner": Role.CLIENT_OWNER, "approver": Role.CLIENT_APPROVER, "internal": Role.INTERNAL_AUDITOR}
LATE = {
    "late": Role.COMMITTEE_MEMBER, "guest": Role.OBSERVER, "former": Role.OBSERVER, "revoked": Role.OBSERVER,
}  # fmt: skip
"""Who comes when all is there: a committee member who sits in no review, and observers with grants of all kinds."""


def tokens(text: str) -> set[str]:
    """Every token in a text."""
    return set(TOKEN.findall(text))


@dataclass(frozen=True)
class Household(Desk):
    """A desk at which a client's people, and the auditor of its audits, have names of their own."""

    client: str = ""
    names: dict[str, str] = field(default_factory=dict)

    def person(self, who: str) -> tuple[Role, str, str | None]:
        """Role, name and client of somebody."""
        if who in OWN:
            return OWN[who], self.names[who], self.client
        if who in self.names:
            return Role.AUDITOR, self.names[who], None
        if who in LATE:
            return LATE[who], who.title(), None
        role, client = PEOPLE[who]
        return role, who.title(), client

    def token(self, who: str) -> str:
        role, name, client = self.person(who)
        return mint(self.office.settings, role, name, client, self.tenant)


@dataclass
class Estate:
    """What one client has. `things` are names by kind; `secrets` the tokens that nobody else has.

    `parts` are those of its things by kind, `cursors` what its people were answered as the next page of a path,
    `positions` those of events of its tenant. `baits` are words that others may write. `scanned` is a reference of the
    source that the clients of a tenant share.
    """

    mark: str
    desk: Household
    keys: dict[str, str] = field(default_factory=dict)
    things: dict[str, list[str]] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)
    parts: dict[str, set[str]] = field(default_factory=dict)
    baits: list[str] = field(default_factory=list)
    scanned: str = ""
    cursors: list[tuple[str, str]] = field(default_factory=list)
    positions: list[str] = field(default_factory=list)
    numbering: Iterator[int] = field(default_factory=lambda: count(1))

    def word(self) -> str:
        """A new word of this owner."""
        return f"zq{self.mark}{next(self.numbering)}z"

    def has(self, kind: str, *names: str) -> None:
        """Notes things of a kind."""
        self.things.setdefault(kind, []).extend(names)

    def sayable(self, kind: str) -> list[str]:
        """What of a kind others say when they write: it may then stand in what is theirs."""
        return self.baits if kind == "word" else self.things.get(kind, self.baits)[: None if kind == "once" else 1]

    @property
    def kept(self) -> set[str]:
        """The secrets that nobody else ever writes."""
        return self.secrets.difference(*(self.sayable(kind) for kind in self.things))

    def strange_to(self, other: "Estate", tokens: set[str]) -> set[str]:
        """What another cannot say by itself: each tenant counts its cases from one."""
        return tokens if other.desk.tenant == self.desk.tenant else {one for one in tokens if not one.startswith("NC-")}

    @property
    def client(self) -> str:
        """The client's key."""
        return self.desk.client

    async def made(self, who: str, path: str, body: Any, **headers: str) -> Any:
        """What is answered to a request that makes something."""
        answer = await self.desk.ask(who, "POST", path, body, headers)
        assert answer.status_code in (200, 201, 202), (path, answer.text)
        return answer.json()


@asynccontextmanager
async def estates(office: Office) -> AsyncIterator[tuple[Estate, Estate, Estate]]:
    """Three clients with all they have; the first two are of one tenant."""
    transport = httpx.ASGITransport(office.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://api", timeout=60) as client:
        here, there = (f"t{uuid4().hex[:12]}" for _ in range(2))
        built = [_estate(office, client, mark, tenant) for mark, tenant in (("a", here), ("b", here), ("c", there))]
        await asyncio.gather(*(_furnish(one) for one in built))
        for one in built:
            await _desk(one)
        await _grants(built[0], built[1])
        await asyncio.gather(*(_look_around(one) for one in built))
        own = {one.mark: set(one.secrets) for one in built}
        for one in built:
            shared = set().union(*(theirs for mark, theirs in own.items() if mark != one.mark))
            one.secrets -= shared
            if one.mark == "c":
                one.secrets = one.strange_to(built[0], one.secrets)
        yield built[0], built[1], built[2]


def _estate(office: Office, client: httpx.AsyncClient, mark: str, tenant: str) -> Estate:
    names: dict[str, str] = {}
    one = Estate(mark, Household(tenant, office, client, f"zq{mark}0z", names))
    names.update({who: one.word() for who in (*OWN, "auditor")})
    return one


async def _furnish(one: Estate) -> None:
    desk, word = one.desk, one.word
    entry = {"key": one.client, "name": word(), "aliases": [word()], "sites": [word(), word()]}
    await one.made("manager", "/v1/clients", entry)
    for who in (*OWN, "auditor", *STAFF):
        me = await desk.get(who, "/v1/me")
        if who in OWN:
            one.has("person", me["id"])
        if who in one.desk.names and who not in OWN:
            one.parts["staff"] = tokens(json.dumps([me["id"], me["name"]]))
    one.has("client", one.client)
    one.has("site", *entry["sites"])
    one.has("source", "scanner", word())
    rights = {"may_state_grades": True}
    one.keys = {
        "bound": await desk.key("scanner", client=one.client, name=word(), **rights),
        "source": await desk.key(one.things["source"][1], name=word(), **rights),
    }
    await _audits(one)
    await _cases(one)
    await _files(one)
    await _integrations(one)


async def _audits(one: Estate) -> None:
    for stage in ("stage2", "surveillance"):
        audit = one.word()
        body = {
            "key": audit, "client": one.client, "stage": stage, "standards": ["ISO/IEC 27001:2022"],
            "team": [{"person": one.desk.names["auditor"], "role": "lead"}, {"person": one.word(), "role": "expert"}],
            "sites": one.things["site"], "starts_on": day(), "ends_on": day(1),
        } | ({"stage1_waived": one.word()} if stage == "stage2" else {})  # fmt: skip
        await one.made("manager", "/v1/audits", body)
        one.has("audit", audit)
    started = f"/v1/audits/{one.things['audit'][0]}"
    await one.made("auditor", f"{started}/start", {})
    await one.made("auditor", f"{started}/note-positive", {"text": one.word()})
    certificate = one.word()
    held = {"key": certificate, "client": one.client, "standards": ["ISO/IEC 27001:2022"]}
    await one.made("manager", "/v1/certificates", {**held, "sites": one.things["site"], "scope": one.word()})
    one.has("certificate", certificate)


async def _report(one: Estate, who: str = "auditor", **finding: Any) -> str:
    word, reference = one.word, one.word()
    one.has("external_id", reference)
    body = FINDING | {
        "source": {"system": "audit", "external_id": reference}, "client": one.client, "title": f"{word()} lacks",
        "requirements": [{"standard": "ISO/IEC 27001", "edition": "2022", "clause": "A.5.18", "text": word()}],
        "statement": f"{word()} {word()}", "objective_evidence": word(), "department": word(), "process": word(),
        "sites": [one.things["site"][0]], "audit": {"ref": one.things["audit"][0], "stage": "stage2"},
    }  # fmt: skip
    body = {name: value for name, value in (body | finding).items() if value is not None}
    told = await one.made(who, "/v1/findings", body, **{"Idempotency-Key": word()})
    assert told["result"] in ("created", "recurred"), told
    one.has("case", told["id"])
    return str(told["id"])


async def _planned(one: Estate, case: str) -> None:
    desk, word, path = one.desk, one.word, f"/v1/nonconformities/{case}"
    await desk.does("owner", case, "record-correction", text=word(), done_on="2026-03-01")
    found = {"looked_at": [word()], "found": [word()]}
    causes = [{"key": "c1", "text": word()}]
    await desk.does("owner", case, "record-cause", method="five_whys", steps=[word()], causes=causes, extent=found)
    await desk.does("owner", case, "plan-action", key="a1", text=word(), causes=["c1"], owner=word(), due_on=day(5))
    await desk.signs("approver", path, "submit-plan")


async def _cases(one: Estate) -> None:
    desk, word = one.desk, one.word
    await _report(one, grade=None)
    dismissed = await _report(one, grade=None)
    await desk.does("auditor", dismissed, "dismiss", reason=word())
    talked = await _report(one)
    await desk.does("owner", talked, "acknowledge")
    await desk.does("owner", talked, "comment", text=word())
    await desk.does("owner", talked, "ask", text=word(), of="certification_body")
    await desk.does("owner", talked, "complain", text=word())
    await desk.does(
        "owner", talked, "request-extension", deadline="plan", until=f"{day(40)}T00:00:00Z", reason=word(),
        containment=word(),
    )  # fmt: skip
    submitted = await _report(one, grade="major")
    await _planned(one, submitted)
    for end in ("evidence", "closed"):
        case = await _report(one)
        path = f"/v1/nonconformities/{case}"
        await _planned(one, case)
        await desk.signs("reviewer", path, "accept-plan", note=word())
        await desk.does("owner", case, "complete-action", key="a1", done_on=day())
        content = f"%PDF-1.7 {word()}".encode()
        digest = hashlib.sha256(content).hexdigest()
        one.has("sha256", digest)
        await _upload(one, content)
        shown = {"shows": ["a1"], "name": word(), "sha256": digest, "media_type": "application/pdf"}
        await desk.does("owner", case, "attach-evidence", **shown)
        await desk.signs("approver", path, "submit-evidence")
        if end == "closed":
            await desk.signs("reviewer", path, "verify", statement=word())
            await desk.signs("closer", path, "close", statement=word())
    withdrawn = await _report(one)
    await desk.does("auditor", withdrawn, "propose-withdrawal", reason=word())
    await desk.does("reviewer", withdrawn, "confirm-withdrawal", reason=word())
    escalated = await _report(one, grade="major")
    review = await desk.review(escalated)
    one.has("review", review.rpartition("/")[2])
    seen = (await desk.get("member1", review))["signable"]["vote"]
    vote = {"choice": "special_audit", "reason": word()}
    signature = {"content_sha256": seen["sha256"], "meaning": seen["meaning"]}
    await one.made("member1", f"{review}/vote", vote | {"signature": signature})
    for name, key in one.keys.items():
        source = {"system": "any", "external_id": word()}
        one.has("external_id", source["external_id"])
        await _report(one, key, source=source)
        if name == "bound":
            one.scanned = source["external_id"]


async def _upload(one: Estate, content: bytes) -> None:
    answer = await one.desk.ask(
        "owner", "POST", "/v1/evidence", content=content, params={"name": f"{one.word()}.pdf"},
        headers={"Content-Type": "application/pdf", "Idempotency-Key": one.word()},
    )  # fmt: skip
    assert answer.status_code == 201, answer.text
    one.has("file", answer.json()["id"])


async def _files(one: Estate) -> None:
    await _upload(one, one.word().encode())


async def _integrations(one: Estate) -> None:
    desk, word = one.desk, one.word
    for key in one.keys.values():
        once = word()
        one.has("once", once)
        finding = FINDING | {"client": one.client, "source": {"system": "any", "external_id": word()}, "title": word()}
        finding |= {"audit": {"ref": one.things["audit"][0], "stage": "stage2"}}
        done = await one.made(key, f"/v1/imports?name={word()}", [finding], **{"Idempotency-Key": once})
        one.has("import", done["id"])
        await desk.once("manager", f"/v1/imports/{done['id']}", lambda told: told["state"] == "done")
    for who, extra in (("owner", {}), ("manager", {"client": one.client})):
        once = word()
        one.has("once", once)
        body = {"url": f"https://93.184.215.14/{word()}", **extra}
        made = await one.made(who, "/v1/subscriptions", body, **{"Idempotency-Key": once})
        one.has("subscription", made["id"])
        test = await one.made(who, f"/v1/subscriptions/{made['id']}/test", {})
        one.has("delivery", *(token for token in tokens(json.dumps(test)) if token != made["id"]))
    if one.mark == "c":  # a profile is the certification body's, not one client's
        profile = word()
        told = {"name": word(), "fields": {"title": word()}}
        answer = await desk.ask("manager", "PUT", f"/v1/profiles/{profile}", told)
        assert answer.status_code == 200, answer.text
        one.has("profile", profile)
    hook = await one.made(
        "manager", "/v1/hooks", {"source": word(), "kind": "github", "name": word(), "client": one.client}
    )
    one.has("hook", hook["id"])
    content = alert(state="fixed")  # a finding that is of no audit yet is for every auditor
    delivered = await desk.http.post(hook["address"], content=content, headers=github(content, hook["secret"], word()))
    assert delivered.status_code == 207, delivered.text
    listed = (await desk.get("manager", "/v1/api-keys"))["items"]
    one.has("key", *(item["id"] for item in listed if item["client"] == one.client))
    published = await one.made("owner", "/v1/me/calendar", {})
    one.has("secret", published["url"].rpartition("/")[2].removesuffix(".ics"))


async def _desk(one: Estate) -> None:
    """What one of its people keeps at the console."""
    database, tenant, now = one.desk.office.ledger.database, one.desk.tenant, datetime.now(UTC)
    person, case, word = one.things["person"][0], one.things["case"][-1], one.word
    form = drafts.Form(person, f"nonconformity/{case}", "comment", f"key={word()}")
    assert await drafts.keep(database, tenant, form, {"text": [word()]}, 1, "", now, now - timedelta(days=1))
    one.has("filter", await filters.save(database, tenant, person, word(), {"view": "all", "q": word()}))


async def _grants(one: Estate, other: Estate) -> None:
    """One's client is granted to a guest; another's was granted to somebody once, and to somebody for a moment."""
    for who in LATE:
        await one.desk.get(who, "/v1/me")
    for who, of, until in (("guest", one, 3600), ("revoked", other, 3600), ("former", other, 1)):
        person = (await one.desk.get(who, "/v1/me"))["id"]
        ends = (datetime.now(UTC) + timedelta(seconds=until)).isoformat()
        told = {"person": person, "client": of.client, "until": ends, "reason": of.word()}
        made = await one.made("manager", "/v1/grants", told)
        of.has("grant", made["id"])
        if who == "revoked":
            await one.desk.ask("manager", "DELETE", f"/v1/grants/{made['id']}")


PARTS = {
    "case": ("/v1/nonconformities/{}", "/v1/nonconformities/{}/events", "/v1/nonconformities/{}/lineage"),
    "review": ("/v1/committee-reviews/{}", "/v1/committee-reviews/{}/events"),
    "client": ("/v1/clients/{}", "/v1/clients/{}/events"),
    "audit": ("/v1/audits/{}", "/v1/audits/{}/events"),
    "certificate": ("/v1/certificates/{}", "/v1/certificates/{}/events"),
    "import": ("/v1/imports/{}", "/v1/imports/{}/items"),
}


async def _look_around(one: Estate) -> None:
    """Reads all that a client has, and notes every token in it."""
    desk = one.desk
    for kind, paths in PARTS.items():
        for thing in one.things[kind]:
            for path in paths:
                text = json.dumps(await desk.get("manager", path.format(thing)))
                one.secrets |= tokens(text)
                one.parts.setdefault(kind, set()).update(tokens(text))
    for file in one.things["file"]:
        for part in ("details", "events"):
            one.secrets |= tokens(json.dumps(await desk.get("owner", f"/v1/evidence/{file}/{part}")))
    one.secrets |= {name for names in one.things.values() for name in names} - {"scanner"}
    one.secrets |= {f"zq{one.mark}{number}z" for number in range(next(one.numbering))}
    one.secrets |= set(one.keys.values())
    one.has("number", *sorted(token for token in one.secrets if token.startswith("NC-")))
    one.has("word", *sorted(token for token in one.secrets if token.startswith("zq")))
    one.has("hash", *sorted(token for token in one.secrets if re.fullmatch(r"[0-9a-f]{64}", token)))
    one.baits = one.things["word"][:4]
    for path in ("nonconformities", "audits", "imports", "subscriptions", "clients", "committee-reviews", "evidence"):
        who = "owner" if path == "evidence" else "manager"
        page = await desk.get(who, f"/v1/{path}", limit=1)
        if page["next"]:
            one.cursors.append((f"/v1/{path}", page["next"]))
    feed = await desk.office.ledger.feed(Scope(desk.tenant), None)
    one.positions = [event.position for event in feed][:: max(1, len(feed) // 20)]
