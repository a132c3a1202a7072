"""Where the fields of a finding are in OSCAL: a finding of assessment results, or an item of a POA&M."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from services.intake.oscal_document import Scope
from services.intake.oscal_told import facets, props
from services.intake.parts import at, attached, cut, key, labelled, list_at, required, rest, short, text_at, when
from workflows import standards
from workflows.findings import LONG, TITLE, Flag, level

_NIST = "NIST SP 800-53"
_CONTROL = re.compile(
    r"(?P<family>[a-z]{2})-0*(?P<number>\d{1,3})(?:\.0*(?P<enhancement>\d{1,3}))?(?:[._].*)?",
    re.IGNORECASE | re.ASCII | re.DOTALL,
)
_CLOSED = "closed"
_POAM_ID = "poam-id"
_IMPACTED = "impacted-control-id"
_FACETS = ("severity", "risk", "impact", "likelihood")
_SEVERITIES = ("critical", "high", "medium", "low", "info", "unknown")
_PLACED = frozenset({
    "description", "links", "related-findings", "related-observations", "related-risks", "target", "title", "uuid",
})  # fmt: skip


def external_id(scope: Scope, one: Mapping[str, Any]) -> tuple[str | None, bool]:
    """What names a finding or an item in document after document, and whether that had to be put together.

    The document's own uuid changes with its content, and is no part of it. A POA&M's own id for an item names it within
    its system. Without either, it is the target and its subjects; an item's title. None where there is nothing of that.
    """
    if poam_id := next((value for name, value in props(one) if name == _POAM_ID), None):
        return key(scope.system, poam_id), False
    if uuid := text_at(one, "uuid"):
        return key(uuid.casefold()), False
    if target := text_at(one, "target", "target-id"):
        observed = scope.observations(one)
        subjects = sorted(text_at(it, "subject-uuid") or "" for seen in observed for it in list_at(seen, "subjects"))
        return key(scope.system, target, short("\n".join(subjects))), True
    title = text_at(one, "title")
    return (key(scope.system, short(title)), True) if title else (None, False)


def over(scope: Scope, one: Mapping[str, Any]) -> bool:
    """Whether every risk that a finding or an item is related to is closed; without any, it is not."""
    risks = scope.risks(one)
    return bool(risks) and all((text_at(risk, "status") or "").casefold() == _CLOSED for risk in risks)


def mapped(
    scope: Scope, one: Mapping[str, Any], related: Sequence[Mapping[str, Any]]
) -> tuple[dict[str, Any], list[Flag]]:
    """The fields in our shape, without client, source and system, and what had to be assumed or cut.

    `related` are the findings of a POA&M that an item is about; of assessment results it is the finding itself.
    """
    flags = [Flag(code="reference_dangling", pointer=pointer) for pointer in scope.dangling(one)]
    risks = scope.risks(one, *related)
    observations = scope.observations(one, *related, *risks)
    collected = [text_at(observation, "collected") for observation in observations]
    subjects = scope.subjects(observations)
    evidence = _within(_evidence(scope, one, related, observations, risks))
    return {
        "requirements": required(_references(related, risks, flags), flags),
        "title": cut(text_at(one, "title"), TITLE, "/title", flags),
        "statement": cut(text_at(one, "description"), LONG, "/description", flags),
        "objective_evidence": cut(evidence, LONG, "/description", flags),
        "severity": _severity(risks),
        "detected_at": when(flags, *collected, text_at(scope.inner, "start")),
        "department": cut(", ".join(subjects) or None, 200, "/related-observations", flags),
        "attachments": attached(_attachments(scope, one, observations), flags),
    }, flags


def control(identity: str) -> standards.Reference | None:
    """The control that an id means, of an objective or a statement too: `ac-6.1_obj` is AC-6(1) of NIST SP 800-53."""
    found = _CONTROL.fullmatch(identity[:TITLE])
    if found is None:
        return None
    enhancement = f"({found['enhancement']})" if found["enhancement"] else ""
    return standards.Reference(_NIST, None, f"{found['family'].upper()}-{found['number']}{enhancement}")


def _references(
    related: Sequence[Mapping[str, Any]], risks: Sequence[Mapping[str, Any]], flags: list[Flag]
) -> Iterator[standards.Reference]:
    named = [(text_at(one, "target", "target-id"), "/target/target-id") for one in related]
    named += [(value, "/related-risks") for risk in risks for name, value in props(risk) if name == _IMPACTED]
    for identity, pointer in named:
        if identity is None:
            continue
        found = [known] if (known := control(identity)) else standards.references(identity[:TITLE])
        if not found:
            flags.append(Flag(code="requirement_unread", pointer=pointer))
        yield from found


def _severity(risks: Iterable[Mapping[str, Any]]) -> str | None:
    """The gravest of the risks. Of one risk its rating holds, else its impact, else its likelihood: first as found."""
    stated = [said for risk in risks if (said := _rated(risk))]
    return min(stated, key=lambda said: _SEVERITIES.index(level(said)), default=None)


def _rated(risk: Mapping[str, Any]) -> str | None:
    rated: dict[str, tuple[bool, str]] = {}
    for facet in facets(risk):
        name, value = (text_at(facet, "name") or "").casefold(), text_at(facet, "value")
        adjusted = ("state", "adjusted") in [(known, said.casefold()) for known, said in props(facet)]
        if value and (name not in rated or (rated[name][0] and not adjusted)):
            rated[name] = (adjusted, value[:200])
    return next((rated[name][1] for name in _FACETS if name in rated), None)


def _evidence(
    scope: Scope,
    one: Mapping[str, Any],
    related: Sequence[Mapping[str, Any]],
    observations: Sequence[Mapping[str, Any]],
    risks: Sequence[Mapping[str, Any]],
) -> Iterator[str]:
    yield from (said for said in (text_at(one, "description"),) if said)
    for finding in related:
        yield from _target(at(finding, "target"))
    for observation in observations:
        yield from scope.told(observation, "Observation")
    for risk in risks:
        yield from scope.told(risk, "Risk")
    yield from rest(one, _PLACED)
    yield from labelled(
        ("Document", " ".join(part for part in (scope.title, text_at(scope.document, "uuid")) if part)),
        ("Version", text_at(scope.document, "metadata", "version")),
        ("Parties", ", ".join(scope.parties)),
    )


def _target(target: Any) -> Iterator[str]:
    status = at(target, "status")
    named = " ".join(said for name in ("type", "target-id") if (said := text_at(target, name)))
    state = ", ".join(said for name in ("state", "reason") if (said := text_at(status, name)))
    yield from labelled(("Target", f"{named}: {state}" if state else named))
    yield from (said for said in (text_at(target, "description"), text_at(status, "remarks")) if said)


def _within(lines: Iterable[str]) -> str:
    """The lines as far as an evidence may go, and no further: what many findings share is not written out for each."""
    taken: list[str] = []
    length = 0
    for line in lines:
        taken.append(line[: LONG + 1])
        length += len(line) + 1
        if length > LONG:
            break
    return "\n".join(taken)[: LONG + 1]


def _attachments(
    scope: Scope, one: Mapping[str, Any], observations: Sequence[Mapping[str, Any]]
) -> Iterator[dict[str, str]]:
    for linked in list_at(one, "links"):
        yield from scope.attachments(text_at(linked, "href"), text_at(linked, "text"))
    for observation in observations:
        for evidence in (*list_at(observation, "relevant-evidence"), *list_at(observation, "links")):
            yield from scope.attachments(text_at(evidence, "href"), text_at(evidence, "description"))
