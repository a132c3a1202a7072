"""OpenAPI links: the request that can follow an answer, made from the procedures' rows.

A caller who reads a thing finds in the answer what each command on it needs: its id, the sequence number for If-Match
and, for a signing command, what the signature must cover. An answer to a command leads back to reading.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from workflows.procedure import Row
from workflows.registry import PROCEDURES

PLURAL: Mapping[str, str] = {
    "nonconformity": "nonconformities",
    "committee_review": "committee_reviews",
    "client": "clients",
    "audit": "audits",
    "certificate": "certificates",
}
NAMED: Mapping[str, str] = {"client": "key", "audit": "key", "certificate": "key"}
"""What `called` answers where that is not `id`."""

Link = Mapping[str, Any]


def path(kind: str) -> str:
    """The path below which the things of a kind are."""
    return f"/v1/{PLURAL[kind].replace('_', '-')}"


def read(kind: str) -> str:
    """The operation that reads a thing of a kind."""
    return f"read_{kind}"


def listing(kind: str) -> str:
    """The operation that lists the things of a kind."""
    return f"list_{PLURAL[kind]}"


def events(kind: str) -> str:
    """The operation that reads the events of a thing of a kind."""
    return f"{kind}_events"


def called(kind: str) -> str:
    """What the path and the detail of a kind call its id."""
    return NAMED.get(kind, "id")


def give(kind: str, command: str) -> str:
    """The operation that gives a command to a thing of a kind."""
    return f"{kind}_{command}"


def add(operations: Mapping[str, dict[str, Any]]) -> None:
    """Adds its links to every successful answer that a request can follow; `operations` are by their id."""
    for source, name, link in _all():
        for status, response in operations[source]["responses"].items():
            if status in ("200", "201"):
                response.setdefault("links", {})[name] = link


def _all() -> Iterator[tuple[str, str, Link]]:
    """Each link with the operation whose answer it follows, and its name there."""
    for kind, procedure in PROCEDURES.items():
        key = called(kind)
        yield listing(kind), "first", _to(read(kind), **{f"path.{key}": f"$response.body#/items/0/{key}"})
        for row in procedure.rows:
            if row.internal or "" in row.states:
                continue
            yield read(kind), row.command, _command(kind, key, row)
            yield give(kind, row.command), "read", _to(read(kind), **{f"path.{key}": f"$request.path.{key}"})
    case, review = read("nonconformity"), read("committee_review")
    for file in ("read_evidence", "get_evidence_details", "list_evidence_events"):
        yield "upload_evidence", file, _to(file, **{"path.id": "$response.body#/id"})
    yield "report_findings", "read", _to(case, **{"path.id": "$response.body#/id"})
    yield give("client", "register"), "read", _to(read("client"), **{"path.key": "$response.body#/key"})
    audit = read("audit")
    yield give("audit", "plan"), "read", _to(audit, **{"path.key": "$response.body#/key"})
    yield audit, "events", _to(events("audit"), **{"path.key": "$response.body#/key"})
    yield audit, "client", _to(read("client"), **{"path.key": "$response.body#/client"})
    yield audit, "case", _to(case, **{"path.id": "$response.body#/cases/0/id"})
    yield "list_policies", "first", _to("read_policy", **{"path.name": "$response.body#/items/0/name"})
    certificate = read("certificate")
    for command in ("apply", "transfer_in"):
        yield give("certificate", command), "read", _to(certificate, **{"path.key": "$response.body#/key"})
    yield certificate, "events", _to(events("certificate"), **{"path.key": "$response.body#/key"})
    yield certificate, "client", _to(read("client"), **{"path.key": "$response.body#/client"})
    yield case, "events", _to(events("nonconformity"), **{"path.id": "$response.body#/id"})
    yield case, "review", _to(review, **{"path.id": "$response.body#/review_ids/0"})
    yield case, "client", _to(read("client"), **{"path.key": "$response.body#/client"})
    yield read("client"), "report", {"operationId": "report_findings", "requestBody": {"client": "$response.body#/key"}}
    yield review, "case", _to(case, **{"path.id": "$response.body#/case_id"})


def _command(kind: str, key: str, row: Row) -> Link:
    parameters = {f"path.{key}": f"$response.body#/{key}", "header.If-Match": "$response.header.ETag"}
    link = _to(give(kind, row.command), **parameters)
    if row.signs is None:
        return link
    seen = f"$response.body#/signable/{row.command}"
    signature = {"content_sha256": f"{seen}/sha256", "meaning": f"{seen}/meaning"}
    return {**link, "requestBody": {"signature": signature}}


def _to(operation: str, **parameters: str) -> Link:
    return {"operationId": operation, "parameters": parameters}
