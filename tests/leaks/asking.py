"""Requests to any route of the app, made of one's own names and of other people's, and of names near theirs."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import FastAPI

from services.api import lists
from tests.leaks.estates import TOKEN, Estate
from tests.leaks.looking import decoded

KINDS: Mapping[str, str] = {
    "/v1/nonconformities/": "case", "/console/cases/": "case", "/v1/committee-reviews/": "review",
    "/console/reviews/": "review", "/v1/clients/": "client", "/v1/audits/": "audit",
    "/v1/certificates/": "certificate", "/v1/policies/": "word", "/v1/evidence/": "file",
    "/console/evidence/": "file", "/v1/imports/": "import", "/v1/profiles/": "profile",
    "/v1/subscriptions/": "subscription", "/v1/api-keys/": "key", "/v1/hooks/": "hook", "/v1/grants/": "grant",
    "/console/imports/": "import", "/console/api-keys/": "key", "/console/subscriptions/": "subscription",
    "/console/audits/": "audit", "/console/certificates/": "certificate", "/console/clients/": "client",
    "/console/policies/": "word", "/console/filters/": "filter",
    "/console/hooks/": "hook", "/console/profiles/": "profile",
    "/console/grants/": "grant", "/console/reasons/": "word", "/console/lists/audits/": "audit",
}  # fmt: skip
"""What the first parameter of a path names, by how the path begins."""

FIELDS: Mapping[str, str] = {
    "others": "case", "case": "case", "client": "client", "into": "client", "sha256": "sha256", "audit": "audit",
    "ref": "audit", "certificate": "certificate", "certificates": "certificate", "person": "person",
    "assignee": "person", "owner": "person", "members": "person", "people": "person", "revises": "file",
    "external_id": "external_id", "source": "source", "system": "source", "site": "site", "sites": "site",
    "content_sha256": "hash", "key": "word", "name": "word", "q": "word", "stream": "stream", "after": "place",
    "before": "review", "cursor": "place", "position": "position", "from": "position", "profile": "profile",
    "causes": "word", "pick": "case", "sign": "case", "number": "number", "next": "word",
}  # fmt: skip
"""What a field or a parameter names."""

SAID: Mapping[str, Sequence[str]] = {
    "view": ("mine", "audits", "assigned", "overdue", "triage", "living", "all"), "format": ("csv", "xlsx", "docx"),
    "zone": ("UTC", "Asia/Tokyo"), "limit": ("1", "2", "500"), "url": ("https://93.184.215.14/x",),
    "recorded": ("1", "2", "3"), "days": ("30",), "policy": ("accredited", "internal"), "until": ("2027-01-01",),
    "act": ("issue", "dismiss"), "shown": ("1",),
}  # fmt: skip
IN_PAGES = (
    "q", "view", "client", "audit", "site", "after", "before", "recorded",
    "status", "grade", "source", "limit", "pick",
)  # fmt: skip
"""What the addresses of pages say, which no schema has."""

WHOLE_DAY = ("2026-03-01", "2026-12-24")
INSTANTS = ("2027-01-01T00:00:00Z", "2026-11-22T11:00:00Z", "2020-01-01T00:00:00Z")


@dataclass(frozen=True)
class Route:
    """A route with what its schema says of it, if it is in the schema."""

    method: str
    path: str
    said: Mapping[str, Any]


@dataclass(frozen=True)
class Ask:
    """A request, all but who sends it."""

    route: Route
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    body: Any = None

    @property
    def text(self) -> str:
        """All that it says."""
        return f"{self.path} {self.query} {self.headers} {self.body} " + " ".join(map(decoded, _words(self)))

    @property
    def address(self) -> str:
        """Path and query as they are sent."""
        return self.path + (f"?{urlencode(self.query)}" if self.query else "")

    def keyless(self) -> "Ask":
        """The same under no key."""
        return replace(self, headers=tuple(pair for pair in self.headers if pair[0] != "Idempotency-Key"))


def _words(ask: Ask) -> list[str]:
    return [value for name, value in ask.query if name in ("cursor", "after", "before")]


def routes(app: FastAPI) -> list[Route]:
    """Every route that a client can ask, those too that no schema has."""
    schema = app.openapi()["paths"]

    def walked(found: Sequence[Any]) -> Iterator[Route]:
        for one in found:
            inner = getattr(one, "original_router", None)
            if inner is not None:
                yield from walked(inner.routes)
                continue
            for method in sorted(one.methods - {"HEAD"}):
                yield Route(method, one.path, schema.get(one.path, {}).get(method.lower(), {}))

    return list(walked(app.routes))


@dataclass
class Never:
    """Gives what others have names that nobody ever had, as like them as can be."""

    others: Sequence[Estate]

    def of(self, text: str) -> str:
        """A text with every token of others changed."""
        return TOKEN.sub(lambda found: self._token(found[0]), text)

    def ask(self, ask: Ask) -> Ask:
        """The same request about what never was."""
        query = tuple(
            (name, self._place(ask, value) if name == "cursor" else self.of(value)) for name, value in ask.query
        )
        headers = tuple((name, self.of(value)) for name, value in ask.headers)
        return replace(ask, path=self.of(ask.path), query=query, headers=headers, body=self._body(ask.body))

    def _body(self, body: Any) -> Any:
        match body:
            case str():
                return self.of(body)
            case dict():
                return {name: self._body(value) for name, value in body.items()}
            case list():
                return [self._body(value) for value in body]
        return body

    def _place(self, ask: Ask, cursor: str) -> str:
        last = decoded(cursor).encode("latin-1")[6:].decode("utf-8", "replace")
        there = SimpleNamespace(url=SimpleNamespace(path=ask.path))
        return lists.cursor(there, self.of(last)) or "" if last else cursor  # type: ignore[arg-type]  # its path alone

    def _token(self, token: str) -> str:
        if not any(token in one.secrets for one in self.others):
            return token
        if token.startswith("zq"):
            return f"{token[:-1]}y"  # beside it in every order, as cursors need it
        if token.startswith("NC-"):
            return f"{token[:8]}9{token[8:]}"
        return near(token)


def near(token: str) -> str:
    """A name that differs in its last place."""
    last = token[-1]
    return token[:-1] + ("0123456789abcdef"[(int(last, 16) + 7) % 16] if last in "0123456789abcdef" else last + "x")


@dataclass
class Asking:
    """Makes requests for somebody who has one estate and seeks others."""

    app: FastAPI
    own: Estate
    others: Sequence[Estate]
    random: Random

    def request(self, route: Route) -> Ask:
        """Some request to a route."""
        writes = route.method != "GET"
        if route.path == "/v1/events":
            query: tuple[tuple[str, str], ...] = (("from", "beginning"), *self._query(route, writes))
        else:
            query = self._query(route, writes)
        path = re.sub(r"\{(\w+)\}", lambda found: quote(self._part(route, found[1], writes), safe=""), route.path)
        if (place := self._cursor(path)) is not None:
            query = (*(one for one in query if one[0] != "cursor"), ("cursor", place))
        headers = self._headers(writes)
        return Ask(route, path, tuple(dict(query).items()), headers, self._body(route) if writes else None)

    def _part(self, route: Route, name: str, writes: bool) -> str:
        if name == "command":
            return self.random.choice(["issue", "comment", "escalate", "submit-plan", "aggregate", "vote", "dispute"])
        if name == "event":
            return self._name("delivery", writes)
        if name == "secret":
            return near(self._name("secret", writes))
        kind = next((kind for begin, kind in KINDS.items() if route.path.startswith(begin)), "word")
        return self._name(kind, writes)

    def _name(self, kind: str, writes: bool) -> str:
        """A name of a kind: mostly another's, at times one's own, one near theirs, or one of another kind."""
        dice = self.random.random()
        whose = self.own if dice < 0.25 else self.random.choice(self.others)
        if kind == "stream":
            of = self.random.choice([("nonconformity", "case"), ("client", "client"), ("audit", "audit")])
            return f"{of[0]}/{self._name(of[1], writes)}"
        if kind == "position":
            return self.random.choice(["beginning", "now", *whose.positions])
        if dice > 0.93:
            kind = self.random.choice(["case", "number", "word", "client", "hash"])
        known = whose.things.get(kind) or whose.things["word"]
        if writes and whose is not self.own:
            known = whose.sayable(kind)
        name = self.random.choice(known)
        return near(name) if dice > 0.88 and not name.startswith("zq") else name

    def _cursor(self, path: str) -> str | None:
        """A cursor of a list that another has read."""
        known = [at for other in self.others for to, at in other.cursors if to == path]
        return self.random.choice(known) if known and self.random.random() < 0.3 else None

    def _query(self, route: Route, writes: bool) -> tuple[tuple[str, str], ...]:
        stated = {one["name"]: one["schema"] for one in route.said.get("parameters", []) if one["in"] == "query"}
        if not stated and route.path.startswith("/console/"):
            stated = {name: {"type": "string"} for name in IN_PAGES}
        if not stated or self.random.random() < 0.3:
            return ()
        names = self.random.sample(sorted(stated), min(len(stated), self.random.choice([1, 1, 2])))
        return tuple((name, self._said(name, stated[name], writes)) for name in names if name != "cursor")

    def _said(self, name: str, schema: Mapping[str, Any], writes: bool) -> str:
        value = self._value(name, {**schema, "default": None}, writes)
        return ",".join(map(str, value)) if isinstance(value, list) else str(value)

    def _headers(self, writes: bool) -> tuple[tuple[str, str], ...]:
        dice = self.random.random()
        if writes and dice < 0.15:
            return (("Idempotency-Key", self.random.choice(self.random.choice(self.others).sayable("once"))),)
        if not writes and dice < 0.15:
            return (("Last-Event-ID", self._name("position", writes)),)
        return (("Range", "bytes=0-5"),) if not writes and dice < 0.2 else ()

    def _body(self, route: Route) -> Any:
        content = route.said.get("requestBody", {}).get("content", {})
        if "application/json" in content:
            return self._value("", content["application/json"]["schema"], writes=True)
        return {name: self._name(kind, writes=True) for name, kind in FIELDS.items() if self.random.random() < 0.15}

    def _value(self, name: str, schema: Mapping[str, Any], writes: bool) -> Any:
        """A value of a schema, more or less: what is wrong with it is refused, and that answer is looked at as well."""
        if "$ref" in schema:
            parts = self.app.openapi()["components"]["schemas"]
            return self._value(name, parts[schema["$ref"].rpartition("/")[2]], writes)
        for several in ("anyOf", "oneOf", "allOf"):
            if several in schema:
                chosen = [one for one in schema[several] if one.get("type") != "null"]
                return self._value(name, self.random.choice(chosen), writes) if chosen else None
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self.random.choice(schema["enum"])
        match schema.get("type"):
            case "object":
                wanted = set(schema.get("required", ()))
                return {
                    key: self._value(key, inner, writes)
                    for key, inner in schema.get("properties", {}).items()
                    if key in wanted or self.random.random() < 0.3
                }
            case "array":
                return [
                    self._value(name, schema.get("items", {}), writes) for _ in range(self.random.choice([1, 1, 2]))
                ]
            case "integer" | "number":
                return self.random.choice([1, 2, 60])
            case "boolean":
                return self.random.random() < 0.5
        return self._text(name, schema, writes)

    def _text(self, name: str, schema: Mapping[str, Any], writes: bool) -> str:
        if schema.get("format") == "date" or name.endswith("_on") or name == "on":
            return self.random.choice(WHOLE_DAY)
        if schema.get("format") == "date-time" or name in ("as_of", "due_before", "updated_since", "since", "until"):
            return self.random.choice(INSTANTS)
        if name in SAID:
            return self.random.choice(SAID[name])
        return self._name(FIELDS.get(name, "word"), writes)
