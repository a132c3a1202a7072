"""A client's open nonconformities as an OSCAL plan of action and milestones: a pure function of their states.

Each is an item with the risk that it is, the observation that is its evidence, and what is planned about it. What of
its finding OSCAL has no field for stands in properties of our own, so that it comes home as it went.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from services.intake import oscal_own
from services.intake.oscal_own import NAMESPACE, line, prop
from workflows.canonical import digest, instant, unescape
from workflows.findings import TITLE, Finding
from workflows.nonconformity.case import LIVE, Case

VERSION = "1.1.2"
"""Of OSCAL: what is written here is the same in all from 1.1 on."""

_OURS = uuid5(NAMESPACE_URL, NAMESPACE)
_UNDER_WAY = frozenset({"evidence_submitted", "verified"})
_PART = r"(?:[A-Za-z0-9._~:/?@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*"
_ADDRESS = re.compile(rf"https?://{_PART}(?:#{_PART})?")


def poam(tenant: str, client: str, cases: Mapping[str, Case], at: datetime) -> dict[str, Any]:
    """The document for a client's cases by their ids, as JSON; texts as the record holds them. `at` is when it is made.

    Its uuid is that of what it says: the same cases in the same states make the same document. Raises ValueError for
    no case at all, of which the model has no document.
    """
    told = [_Told(tenant, name, case, case.finding, at) for name, case in cases.items() if case.finding is not None]
    if not told:
        raise ValueError("A plan of action and milestones has one item at least.")
    content = {
        "system-id": {"identifier-type": NAMESPACE, "id": line(client, TITLE)},
        "observations": [one.observation() for one in told],
        "risks": [one.risk() for one in told],
        "poam-items": [one.item() for one in told],
    }
    return {
        "plan-of-action-and-milestones": {
            "uuid": _uuid("document", f"{tenant}/{client}/{digest(content)}"),
            "metadata": {
                "title": f"Plan of action and milestones of {line(client, TITLE)}",
                "last-modified": instant(at),
                "version": instant(at),
                "oscal-version": VERSION,
                "parties": [
                    {"uuid": _uuid("party", tenant), "type": "organization", "name": line(tenant, TITLE)},
                    {
                        "uuid": _uuid("party", f"{tenant}/{client}"),
                        "type": "organization",
                        "name": line(client, TITLE),
                    },
                ],
            },
            **content,
        }
    }


class _Told:
    """One case, and its three parts in the document."""

    def __init__(self, tenant: str, id: str, case: Case, finding: Finding, at: datetime) -> None:
        self.tenant, self.id, self.case = tenant, id, case
        self.held = finding.model_dump(mode="json")
        self.title = line(self.held["title"], TITLE)
        self.statement = self.held["statement"] or self.title
        self.collected = self.held["detected_at"] or instant(case.reported_at or at)

    def item(self) -> dict[str, Any]:
        native = {
            "title": self.title,
            "statement": self.statement,
            "objective_evidence": self.held["objective_evidence"] or self.title,
            "detected_at": self.collected,
        }
        return {
            "uuid": self._uuid("item"),
            "title": self.title,
            "description": self.statement,
            "props": [
                prop("case", self.id),
                prop("number", self.case.number or "none"),
                prop("status", self.case.status),
                *oscal_own.written(self.held, _raw(self.held), native),
            ],
            "related-observations": [{"observation-uuid": self._uuid("observation")}],
            "related-risks": [{"risk-uuid": self._uuid("risk")}],
        }

    def observation(self) -> dict[str, Any]:
        evidence = [*self._attachments(), *self._evidence()]
        return {
            "uuid": self._uuid("observation"),
            "title": self.title,
            "description": self.held["objective_evidence"] or self.title,
            "methods": ["UNKNOWN"],
            "types": ["finding"],
            "collected": self.collected,
            **({"relevant-evidence": evidence} if evidence else {}),
        }

    def risk(self) -> dict[str, Any]:
        rated = {"grade": self.case.grade, "severity": self.held["severity"]}
        facets = [
            {"name": name, "system": NAMESPACE, "value": line(value, 200)} for name, value in rated.items() if value
        ]
        origin = {"actors": [{"type": "party", "actor-uuid": _uuid("party", self.tenant)}]}
        due = self.case.deadline("closure")
        responses = list(self._responses())
        return {
            "uuid": self._uuid("risk"),
            "title": self.title,
            "description": self.statement,
            "statement": self.statement,
            "status": self._status(),
            **({"characterizations": [{"origin": origin, "facets": facets}]} if facets else {}),
            **({"deadline": instant(due.due_at)} if due else {}),
            **({"remediations": responses} if responses else {}),
            "related-observations": [{"observation-uuid": self._uuid("observation")}],
        }

    def _status(self) -> str:
        """The risk's status in the words of OSCAL."""
        if self.case.status not in LIVE:
            return "closed"
        under_way = self.case.status in _UNDER_WAY or self.case.plan.state == "accepted"
        return "remediating" if under_way else "open"

    def _responses(self) -> Iterator[dict[str, Any]]:
        case = self.case
        said = [f"Correction: {case.correction.text}"] if case.correction and case.correction.text else []
        said += [f"Cause: {cause.text}" for cause in case.causes]
        if not said and not case.actions:
            return
        tasks = [
            {
                "uuid": _uuid("task", f"{self.id}/{action.key}"),
                "type": "milestone",
                "title": line(action.text, TITLE),
                "description": action.text,
                "props": [
                    prop("action", action.key),
                    prop("owner", action.owner or "none"),
                    prop("done-on", action.done_on.isoformat() if action.done_on else "not yet"),
                ],
                **({"timing": {"on-date": {"date": f"{action.due_on}T00:00:00Z"}}} if action.due_on else {}),
            }
            for action in case.actions
        ]
        done = bool(case.actions) and all(action.done_on for action in case.actions)
        yield {
            "uuid": self._uuid("response"),
            "lifecycle": "completed" if done else "planned",
            "title": "Correction and corrective actions",
            "description": "\n\n".join(said) or "Corrective actions.",
            **({"tasks": tasks} if tasks else {}),
        }

    def _attachments(self) -> Iterator[dict[str, Any]]:
        for one in self.held["attachments"]:
            address = one["url"] or ""
            yield {
                "description": one["name"] or address or one["sha256"] or "Attachment",
                **({"href": address} if _ADDRESS.fullmatch(address) else {}),
            }

    def _evidence(self) -> Iterator[dict[str, Any]]:
        for piece in self.case.evidence:
            yield {
                "description": piece.name,
                "props": [
                    prop("sha256", piece.sha256),
                    prop("media-type", piece.media_type),
                    prop("shows", ", ".join(piece.shows)),
                ],
            }

    def _uuid(self, part: str) -> str:
        return _uuid(part, self.id)


def _raw(held: Any) -> Any:
    """A JSON value with its texts as they came in."""
    match held:
        case str():
            return unescape(held)
        case dict():
            return {name: _raw(one) for name, one in held.items()}
        case list():
            return [_raw(one) for one in held]
    return held


def _uuid(part: str, name: str) -> str:
    # OSCAL takes versions 4 and 5 alone; the ids of cases are of version 7.
    return str(uuid5(_OURS, f"{part}:{name}"))
