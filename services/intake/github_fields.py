"""Where the fields of a finding are in GitHub's alerts, and how their texts are put together."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal
from urllib.parse import urlsplit

from services.intake.parts import (
    at,
    attached,
    cut,
    key,
    labelled,
    link,
    list_at,
    required,
    rest,
    tagged,
    text_at,
    weakness,
    when,
    whole_at,
)
from workflows import standards
from workflows.findings import LONG, TITLE, Flag

Kind = Literal["code-scanning", "dependabot", "secret-scanning"]

_KINDS: Mapping[str, Kind] = {
    "rule": "code-scanning",
    "security_advisory": "dependabot",
    "secret_type": "secret-scanning",
}
_PLACED = frozenset({
    "assignees", "created_at", "dependency", "dismissed_at", "dismissed_by", "dismissed_comment", "dismissed_reason",
    "fixed_at", "html_url", "instances", "instances_url", "locations_url", "most_recent_instance", "number",
    "push_protection_bypassed_by", "resolved_by", "rule", "secret", "secret_type", "secret_type_display_name",
    "security_advisory", "security_vulnerability", "state", "tool", "updated_at", "url",
})  # fmt: skip
"""Fields with a place of their own, or none: people, and `secret`, which a body holds in clear."""


def kind(alert: Mapping[str, Any]) -> Kind | None:
    """Which product raised an alert, None for one that we don't know."""
    return next((kind for field, kind in _KINDS.items() if field in alert), None)


def external_id(body: Mapping[str, Any], kind: Kind) -> str | None:
    """What names an alert: host, repository, product and number, which is unique only within these.

    A repository's id stays when the repository is renamed.
    """
    repository, number = whole_at(body, "repository", "id"), whole_at(body, "alert", "number")
    if repository is None or number is None:
        return None
    return key(_host(text_at(body, "repository", "html_url")), str(repository), kind, str(number))


def _host(address: str | None) -> str:
    try:
        return urlsplit(address or "").netloc or "github.com"
    except ValueError:
        return "github.com"


def mapped(body: Mapping[str, Any], kind: Kind) -> tuple[dict[str, Any], list[Flag]]:
    """The alert's fields in our shape, without client, source and system, and what had to be assumed or cut."""
    flags: list[Flag] = []
    alert: Mapping[str, Any] = body["alert"]
    title, statement = _said(alert, kind)
    evidence = [*_evidence(alert, kind), *labelled(("Repository", text_at(body, "repository", "full_name")))]
    return {
        "requirements": required(_references(alert), flags),
        "title": cut(title, TITLE, "/title", flags),
        "statement": cut(statement or title, LONG, "/statement", flags),
        "objective_evidence": cut("\n".join(evidence), LONG, "/objective_evidence", flags),
        "severity": _severity(alert),
        "detected_at": when(flags, text_at(alert, "created_at")),
        "department": (text_at(body, "repository", "full_name") or "")[:200] or None,
        "attachments": attached(_links(alert), flags),
    }, flags


def _said(alert: Mapping[str, Any], kind: Kind) -> tuple[str | None, str | None]:
    """Title and statement."""
    match kind:
        case "code-scanning":
            rule = at(alert, "rule")
            title = text_at(rule, "description") or text_at(rule, "name") or text_at(rule, "id")
            return title, text_at(rule, "full_description")
        case "dependabot":
            return text_at(alert, "security_advisory", "summary"), text_at(alert, "security_advisory", "description")
        case "secret-scanning":
            secret = text_at(alert, "secret_type_display_name") or text_at(alert, "secret_type") or "of unknown kind"
            return f"Secret in the repository: {secret}", None


def _severity(alert: Mapping[str, Any]) -> str | None:
    stated = (
        text_at(alert, "rule", "security_severity_level")
        or text_at(alert, "rule", "severity")
        or text_at(alert, "security_vulnerability", "severity")
        or text_at(alert, "security_advisory", "severity")
    )
    return stated[:200] if stated else None


def _references(alert: Mapping[str, Any]) -> Iterator[standards.Reference]:
    for tag in list_at(alert, "rule", "tags"):
        yield from tagged(tag)
    for one in list_at(alert, "security_advisory", "cwes"):
        yield from weakness(text_at(one, "cwe_id") or "")


def _evidence(alert: Mapping[str, Any], kind: Kind) -> Iterator[str]:
    if kind == "dependabot":
        flaw, advisory = at(alert, "security_vulnerability"), at(alert, "security_advisory")
        names = [text_at(one, "value") for one in list_at(advisory, "identifiers")]
        yield from labelled(
            ("Package", text_at(alert, "dependency", "package", "name")),
            ("Ecosystem", text_at(alert, "dependency", "package", "ecosystem")),
            ("Manifest", text_at(alert, "dependency", "manifest_path")),
            ("Scope", text_at(alert, "dependency", "scope")),
            ("Vulnerable versions", text_at(flaw, "vulnerable_version_range")),
            ("First fixed in", text_at(flaw, "first_patched_version", "identifier")),
            ("Advisory", ", ".join(name for name in names if name)),
            ("CVSS", at(advisory, "cvss")),
        )
    newest = at(alert, "most_recent_instance")
    for instance in [newest] if isinstance(newest, dict) else list_at(alert, "instances")[:20]:
        yield from _place(instance)
    tool = " ".join(part for part in (text_at(alert, "tool", "name"), text_at(alert, "tool", "version")) if part)
    yield from labelled(
        ("Rule", text_at(alert, "rule", "id")),
        ("Tool", tool),
        ("State", text_at(alert, "state")),
        ("Help", text_at(alert, "rule", "help")),
    )
    yield from rest(alert, _PLACED)


def _place(instance: Any) -> Iterator[str]:
    path, line = text_at(instance, "location", "path"), whole_at(instance, "location", "start_line")
    where = f"{path}:{line}" if path and line else path
    yield from labelled(
        ("At", where),
        ("Message", text_at(instance, "message", "text")),
        ("Branch", text_at(instance, "ref")),
        ("Commit", text_at(instance, "commit_sha")),
    )


def _links(alert: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    yield from link("Alert", text_at(alert, "html_url"))
    for one in list_at(alert, "security_advisory", "references"):
        yield from link("Reference", text_at(one, "url"))
