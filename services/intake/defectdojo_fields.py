"""What an entry of a DefectDojo report says of a finding: its name, whether it is open, its fields in our shape."""

import base64
import binascii
import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from services.intake.items import Reason
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
    required,
    rest,
    short,
    shown,
    text_at,
    when,
)
from workflows import standards
from workflows.findings import LONG, TITLE, Flag

_CLOSED: tuple[tuple[str, Reason], ...] = (
    ("is_mitigated", "resolved"),
    ("false_p", "suppressed"),
    ("risk_accepted", "suppressed"),
    ("out_of_scope", "suppressed"),
    ("duplicate", "suppressed"),
)
_WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_PLACED = frozenset({
    "component_name", "component_version", "cve", "cwe", "cwes", "cvssv3", "cvssv3_score", "cvssv4", "cvssv4_score",
    "date", "description", "endpoints", "file_path", "files", "impact", "line", "mitigation", "references", "service",
    "severity", "severity_justification", "steps_to_reproduce", "tags", "title", "unique_id_from_tool",
    "vuln_id_from_tool", "vulnerability_ids",
})  # fmt: skip


def external_id(one: Mapping[str, Any], about: Mapping[str, Any], spots: Spots) -> str:
    """What names a finding: the tool's unique id, else the vulnerability at its place, else all that tells it apart."""
    source = system(about)
    if unique := _said(one, "unique_id_from_tool"):
        return key(source, unique)
    place = "|".join(
        [
            *(_said(one, name) or "" for name in ("service", "component_name", "file_path")),
            *sorted(shown(endpoint) for endpoint in list_at(one, "endpoints")),
        ]
    )
    if vulnerability := _said(one, "vuln_id_from_tool"):
        base = key(source, vulnerability, short(place))
    else:
        kind = "|".join(shown(at(one, name)) for name in ("title", "severity", "cwe", "cwes"))
        base = key(source, short(f"{kind}|{place}"))
    return spots.named(base, "", (shown(at(one, "line")), _said(one, "description")))


def system(about: Mapping[str, Any]) -> str:
    """What the report calls its tool."""
    return (text_at(about, "type") or text_at(about, "name") or "DefectDojo")[:100].strip()


def closed(one: Mapping[str, Any]) -> Reason | None:
    """Why a finding is not open."""
    for name, reason in _CLOSED:
        if _truth(at(one, name)):
            return reason
    return "archived" if _truth(at(one, "active")) is False else None


def _truth(value: Any) -> bool | None:
    """True or false, also as a word; None for anything else, which says nothing."""
    return value if isinstance(value, bool) else _WORDS.get(str(value).strip().casefold())


def _said(one: Mapping[str, Any], name: str) -> str | None:
    value = at(one, name)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return text_at(one, name)


def mapped(one: Mapping[str, Any]) -> tuple[dict[str, Any], list[Flag]]:
    """Its fields in our shape, and what had to be assumed."""
    flags: list[Flag] = []
    title = text_at(one, "title")
    department = _said(one, "service") or _said(one, "component_name") or next(iter(_endpoints(one)), None)
    links = [
        *_files(one, flags),
        *(one for word in (text_at(one, "references") or "").split() for one in link(None, word)),
    ]
    return {
        "requirements": required(_references(one), flags),
        "title": cut(title, TITLE, "/title", flags),
        "statement": cut(text_at(one, "description") or title, LONG, "/statement", flags),
        "objective_evidence": cut("\n".join(_evidence(one)), LONG, "/objective_evidence", flags),
        "severity": (_said(one, "severity") or "")[:200] or None,
        "detected_at": when(flags, at(one, "date")),
        "department": department[:200] if department else None,
        "attachments": attached(links, flags),
    }, flags


def _references(one: Mapping[str, Any]) -> Iterator[standards.Reference]:
    """What names a requirement of a standard that we know; a weakness or a vulnerability is none, but evidence."""
    for line in (*list_at(one, "tags"), at(one, "vuln_id_from_tool"), *(text_at(one, "references") or "").split("\n")):
        yield from mentioned(line)


def _endpoints(one: Mapping[str, Any]) -> Iterator[str]:
    for endpoint in list_at(one, "endpoints"):
        yield text_at(endpoint, "host") or shown(endpoint) if isinstance(endpoint, dict) else shown(endpoint)


def _evidence(one: Mapping[str, Any]) -> Iterator[str]:
    if description := text_at(one, "description"):
        yield description
    component = " ".join(part for part in (_said(one, "component_name"), _said(one, "component_version")) if part)
    place = ":".join(part for part in (_said(one, "file_path"), _said(one, "line")) if part)
    weaknesses = [at(one, "cwe"), *list_at(one, "cwes")]
    yield from labelled(
        ("Impact", at(one, "impact")),
        ("Steps to reproduce", at(one, "steps_to_reproduce")),
        ("File", place),
        ("Component", component),
        ("Service", at(one, "service")),
        *(("Endpoint", shown(endpoint)) for endpoint in list_at(one, "endpoints")),
        ("Vulnerabilities", [one for one in (at(one, "cve"), *list_at(one, "vulnerability_ids")) if one]),
        ("Weaknesses", [one for one in weaknesses if one]),
        ("Severity justification", at(one, "severity_justification")),
        *((name, at(one, name)) for name in ("cvssv3", "cvssv3_score", "cvssv4", "cvssv4_score")),
        ("Mitigation", at(one, "mitigation")),
        ("References", at(one, "references")),
        ("Tags", at(one, "tags")),
        ("Id of the tool", at(one, "unique_id_from_tool")),
        ("Vulnerability id of the tool", at(one, "vuln_id_from_tool")),
    )
    yield from rest(one, _PLACED)


def _files(one: Mapping[str, Any], flags: list[Flag]) -> Iterator[dict[str, str]]:
    """The files within a finding, by name and digest: their bytes stay in the document, which is kept as it came."""
    for index, file in enumerate(list_at(one, "files")):
        name, data = text_at(file, "title"), at(file, "data")
        try:
            content = base64.b64decode("".join(data.split()), validate=True) if isinstance(data, str) else None
        except (binascii.Error, ValueError):
            content = None
        if content is None:
            flags.append(Flag(code="file_unread", pointer=f"/files/{index}"))
        found = {"sha256": hashlib.sha256(content).hexdigest()} if content is not None else {}
        if name or found:
            yield {**({"name": name[:200].strip()} if name else {}), **found}
