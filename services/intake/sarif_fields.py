"""Where the fields of a finding are in a SARIF result and its rule, and how its texts are put together."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, cast

from services.intake.parts import (
    Spots,
    at,
    attached,
    cut,
    key,
    labelled,
    link,
    list_at,
    mentioned,
    of_standard,
    required,
    rest,
    short,
    shown,
    tagged,
    text_at,
    weakness,
    when,
    whole_at,
)
from services.intake.sarif_run import Run, normal
from workflows import standards
from workflows.canonical import digest
from workflows.findings import LONG, REQUIREMENTS, TITLE, Flag

_PLACES = 200
_CWE = "CWE"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_PLACED = frozenset({
    "attachments", "baselineState", "codeFlows", "correlationGuid", "fingerprints", "guid", "hostedViewerUri", "kind",
    "level", "locations", "message", "partialFingerprints", "relatedLocations", "rule", "ruleId", "ruleIndex",
    "suppressions", "taxa", "workItemUris",
})  # fmt: skip


def external_id(run: Run, result: Mapping[str, Any], spots: Spots) -> str:
    """What names a result in run after run: tool, category and its guid, or its rule and its fingerprints.

    Without either it is rule, file, message and snippet, or the line where no snippet is given. Fingerprints may be
    the same in two files and for two lines: `spots` keeps them apart.
    """
    base = key(run.tool, run.category)
    if guid := text_at(result, "correlationGuid") or text_at(result, "guid"):
        return key(base, guid.casefold())
    rule = text_at(result, "ruleId") or text_at(run.rule(result), "id") or ""
    first = next(iter(list_at(result, "locations")), None)
    physical = at(first, "physicalLocation")
    home, region = normal(run.address(at(physical, "artifactLocation"))), at(physical, "region")
    line, column = whole_at(region, "startLine"), whole_at(region, "startColumn")
    spot = (line, column, run.place(first) if line is None else None)
    prints = at(result, "fingerprints") or at(result, "partialFingerprints")
    if isinstance(prints, Mapping):
        return spots.named(key(base, rule, _digest(prints)), home, spot)
    said = run.message(at(result, "message"), run.rule(result))
    snippet = text_at(region, "snippet", "text") or line
    return spots.named(key(base, rule, _digest([home, snippet, said])), home, spot)


def _digest(value: Any) -> str:
    try:
        return digest(value)[:32]
    except ValueError:  # numbers that canonical JSON does not have
        return short(shown(value))


def revision(run: Run) -> datetime | None:
    """When the run ended."""
    return when([], *run.ended)


def mapped(run: Run, result: Mapping[str, Any]) -> tuple[dict[str, Any], list[Flag]]:
    """The result's fields in our shape, without client, source and system, and what had to be assumed or cut."""
    flags: list[Flag] = []
    rule = run.rule(result)
    said = run.message(at(result, "message"), rule)
    about = _of_rule(run, rule)
    title = about.title or (said or "").split("\n")[0].strip()
    statement = said or about.description or title
    department = run.repository or run.category
    return {
        "requirements": required(_references(run, result, rule), flags),
        "title": cut(title or None, TITLE, "/title", flags),
        "statement": cut(statement or None, LONG, "/statement", flags),
        "objective_evidence": cut("\n".join(_evidence(run, result, rule)), LONG, "/objective_evidence", flags),
        "severity": _severity(result, rule),
        "detected_at": when(flags, text_at(result, "provenance", "firstDetectionTimeUtc"), *run.ended),
        "department": department[:200] or None,
        "attachments": attached(_attachments(run, result, rule), flags),
    }, flags


def _severity(result: Mapping[str, Any], rule: Mapping[str, Any]) -> str:
    """The CVSS score of the result or its rule, else the level: its own, its rule's, or the default of the standard."""
    for one in (result, rule):
        stated = at(one, "properties", "security-severity")
        if isinstance(stated, str | int | float) and not isinstance(stated, bool):
            try:
                score = float(stated)
            except (ValueError, OverflowError):
                continue
            if 0 <= score <= 10:
                return f"{score:.1f}"
    stated = text_at(result, "level") or text_at(rule, "defaultConfiguration", "level")
    return stated[:200] if stated else "warning"


@dataclass(frozen=True, slots=True)
class _OfRule:
    """What every result of a rule has of it."""

    requirements: Sequence[standards.Reference]
    title: str | None
    description: str | None
    lines: Sequence[str]


def _of_rule(run: Run, rule: Mapping[str, Any]) -> _OfRule:
    # The run's own rules live as long as the run, so that their identities stay theirs.
    if rule and (held := run.of_rules.get(id(rule))) is not None:
        return cast("_OfRule", held)
    named = (one for relation in list_at(rule, "relationships") for one in _taxon(run, at(relation, "target")))
    found = _OfRule(
        requirements=list(dict.fromkeys(islice((*named, *_named(rule)), REQUIREMENTS + 1))),
        title=(text_at(rule, "shortDescription", "text") or text_at(rule, "name") or "")[: TITLE + 1] or None,
        description=(text_at(rule, "fullDescription", "text") or "")[:LONG] or None,
        lines=list(
            labelled(
                ("Help", (text_at(rule, "help", "text") or "")[:LONG]),
                ("Rule properties", at(rule, "properties")),
            )
        ),
    )
    if rule:
        run.of_rules[id(rule)] = found
    return found


def _references(run: Run, result: Mapping[str, Any], rule: Mapping[str, Any]) -> Iterator[standards.Reference]:
    for taxon in list_at(result, "taxa"):
        yield from _taxon(run, taxon)
    yield from _of_rule(run, rule).requirements
    yield from _named(result)


def _named(one: Mapping[str, Any]) -> Iterator[standards.Reference]:
    """What the properties of a rule or a result name: its tags, its weaknesses, and what else reads as a clause."""
    for tag in list_at(one, "properties", "tags"):
        yield from tagged(tag)
    properties = at(one, "properties")
    for name, value in properties.items() if isinstance(properties, Mapping) else ():
        for line in value if isinstance(value, list) and name != "tags" else [value]:
            yield from weakness(line, bare=True) if name.casefold() == "cwe" else mentioned(line)


def _taxon(run: Run, taxon: Any) -> Iterator[standards.Reference]:
    if (found := run.taxon(taxon)) is None:
        return
    standard, edition, clause = found
    if standard.upper() == _CWE:
        yield from weakness(clause, bare=True)
    else:
        yield from of_standard(standard, edition, clause)


def _evidence(run: Run, result: Mapping[str, Any], rule: Mapping[str, Any]) -> Iterator[str]:
    about = _of_rule(run, rule)
    said = (run.message(at(result, "message"), rule), about.description)
    yield from dict.fromkeys(line for line in said if line)
    yield from _located(run, "At", list_at(result, "locations"), rule)
    yield from _located(run, "Related", list_at(result, "relatedLocations"), rule)
    for flow in list_at(result, "codeFlows"):
        steps = [
            at(step, "location") for thread in list_at(flow, "threadFlows") for step in list_at(thread, "locations")
        ]
        yield "Flow:"
        yield from _located(run, "  Step", steps, rule)
    version = text_at(run.body, "tool", "driver", "version") or text_at(run.body, "tool", "driver", "semanticVersion")
    yield from labelled(
        ("Rule", text_at(result, "ruleId") or text_at(rule, "id")),
        ("Level", text_at(result, "level")),
        ("Baseline", text_at(result, "baselineState")),
        ("Suppressions", list_at(result, "suppressions")),
        ("Tool", " ".join(part for part in (run.tool, version) if part)),
        ("Run", text_at(run.body, "automationDetails", "id")),
        ("Revision", _commit(run)),
    )
    if run.incomplete:
        yield "The run says that it did not succeed: there may be more than it found."
    yield from rest(result, _PLACED)
    yield from about.lines


def _located(run: Run, label: str, locations: list[Any], rule: Mapping[str, Any]) -> Iterator[str]:
    for location in locations[:_PLACES]:
        said = run.message(at(location, "message"), rule)
        place = run.place(location)
        if place or said:
            yield f"{label}: {' — '.join(part for part in (place, said) if part)}"
        physical = at(location, "physicalLocation")
        snippet = text_at(physical, "region", "snippet", "text") or text_at(
            physical, "contextRegion", "snippet", "text"
        )
        if snippet:
            yield "    " + snippet.replace("\n", "\n    ")
    if len(locations) > _PLACES:
        yield f"… and {len(locations) - _PLACES} more places"


def _commit(run: Run) -> str | None:
    places = list_at(run.body, "versionControlProvenance")
    return next((known for place in places if (known := text_at(place, "revisionId"))), None)


def _attachments(run: Run, result: Mapping[str, Any], rule: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    for attachment in list_at(result, "attachments"):
        location = at(attachment, "artifactLocation")
        address, artifact = run.address(location), run.artifact(location)
        name = run.message(at(attachment, "description"), rule) or address
        sha256 = (text_at(artifact, "hashes", "sha-256") or "").casefold()
        found = {
            "name": (name or "")[:200].strip(),
            "url": address if address and len(address) <= 2000 else "",
            "media_type": (text_at(artifact, "mimeType") or "")[:200],
            "sha256": sha256 if _SHA256.fullmatch(sha256) else "",
        }
        if held := {field: value for field, value in found.items() if value}:
            yield held
    yield from link("Viewer", text_at(result, "hostedViewerUri"))
    for address in list_at(result, "workItemUris"):
        yield from link("Work item", address.strip() if isinstance(address, str) else None)
    yield from link("Help", text_at(rule, "helpUri"))
