"""Where the fields of a finding are in an OCSF event, and how its texts are put together."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from services.intake import prowler_fields as prowler
from services.intake.parts import (
    OWNERS,
    at,
    attached,
    cut,
    key,
    labelled,
    link,
    list_at,
    mentioned,
    of_standard,
    related,
    required,
    rest,
    security_hub,
    shown,
    text_at,
    when,
    whole_at,
)
from workflows import standards
from workflows.findings import LONG, TITLE, Flag

_RESOURCES = 100
_SEVERITIES = {1: "Informational", 2: "Low", 3: "Medium", 4: "High", 5: "Critical", 6: "Fatal"}
_SECONDS, _MILLISECONDS = 1e11, 1e14
"""Below these a number counts seconds (Prowler) or milliseconds (the specification), else microseconds."""
_PLACED = frozenset({
    "activity_id", "activity_name", "category_name", "category_uid", "class_name", "class_uid", "cloud",
    "compliance", "end_time", "end_time_dt", "event_time", "finding", "finding_info", "message", "metadata",
    "remediation", "resource", "resources", "risk_details", "severity", "severity_id", "start_time",
    "start_time_dt", "status", "status_code", "status_detail", "status_id", "time", "time_dt", "timezone_offset",
    "type_name", "type_uid", "unmapped",
})  # fmt: skip
_UNMAPPED = frozenset({"compliance", "related_url", "provider", "provider_uid"})
_COMPLIANCE = frozenset({"requirements", "standards", "control", "status", "status_id", "status_detail"})


def info(one: Any) -> Mapping[str, Any]:
    """What the event says of its finding: `finding_info`, in 1.0 also `finding`."""
    for name in ("finding_info", "finding"):
        if isinstance(found := at(one, name), Mapping):
            return found
    return {}


def external_id(one: Any) -> str | None:
    """What names a finding: product, cloud account and its uid; Prowler's by check, region and resource."""
    name = text_at(info(one), "uid")
    account = text_at(one, "cloud", "account", "uid")
    if check := prowler_check(one):
        place = next((resource for resource in _resources(one) if isinstance(resource, Mapping)), {})
        resource = text_at(place, "uid") or text_at(place, "name")
        if resource or name:
            region = text_at(place, "region") or text_at(one, "cloud", "region")
            holder = account or text_at(one, "unmapped", "provider_uid")
            return prowler.external_id(_provider(one), holder, check, region, resource or name)
    return key(system(one) or "", account, name) if name else None


def prowler_check(one: Any) -> str | None:
    """The check that found it, where Prowler did."""
    product = (text_at(one, "metadata", "product", "name") or "").casefold()
    return text_at(one, "metadata", "event_code") if product == "prowler" else None


def system(one: Any) -> str | None:
    """The product that reports, for findings that come without a key: `Prowler/Prowler`."""
    product = at(one, "metadata", "product")
    names = [name for name in (text_at(product, "vendor_name"), text_at(product, "name")) if name]
    return "/".join(names)[:100].strip() or text_at(product, "uid")


def revision(one: Any) -> datetime | None:
    """When the source last changed the finding, or reported it."""
    return when([], *_times(info(one), "modified_time"), *_times(one, "time"), text_at(one, "event_time"))


def mapped(one: Mapping[str, Any]) -> tuple[dict[str, Any], list[Flag]]:
    """The event's fields in our shape, without client and system, and what had to be assumed or cut."""
    flags: list[Flag] = []
    about = info(one)
    title = text_at(about, "title") or (text_at(one, "message") or "").split("\n")[0].strip() or None
    said = text_at(one, "compliance", "status_detail")
    if said is None and (prowler_check(one) or at(one, "compliance")):
        said = text_at(one, "status_detail")
    statement = said or text_at(about, "desc") or text_at(one, "message") or title
    detected = when(
        flags,
        *_times(about, "first_seen_time"),
        *_times(about, "created_time"),
        *_times(one, "time"),
        text_at(one, "event_time"),
    )
    return {
        "source": {"external_id": external_id(one)},
        "requirements": required(_references(one, flags), flags),
        "title": cut(title, TITLE, "/title", flags),
        "statement": cut(statement, LONG, "/statement", flags),
        "objective_evidence": cut("\n".join(_evidence(one)), LONG, "/objective_evidence", flags),
        "severity": _severity(one),
        "detected_at": detected,
        "department": _department(one),
        "attachments": attached(_attachments(one), flags),
    }, flags


def _times(one: Any, name: str) -> tuple[datetime | str | None, str | None]:
    """A time by its number, then by its text: Prowler's texts are local times without a zone, its numbers are not."""
    stated = at(one, name)
    if isinstance(stated, int | float) and not isinstance(stated, bool):
        return _instant(stated), text_at(one, f"{name}_dt")
    return text_at(one, name), text_at(one, f"{name}_dt")


def _instant(number: float) -> datetime | None:
    unit = 1 if abs(number) < _SECONDS else 1e3 if abs(number) < _MILLISECONDS else 1e6
    try:
        return datetime.fromtimestamp(number / unit, UTC) if number > 0 else None
    except (OverflowError, OSError, ValueError):
        return None


def _severity(one: Mapping[str, Any]) -> str | None:
    named = _SEVERITIES.get(whole_at(one, "severity_id") or 0) or text_at(one, "severity")
    return None if named is None or named.casefold() == "unknown" else named[:200]


def _provider(one: Any) -> str:
    return text_at(one, "cloud", "provider") or text_at(one, "unmapped", "provider") or ""


def _references(one: Mapping[str, Any], flags: list[Flag]) -> Iterator[standards.Reference]:
    """Controls of ISO/IEC 27001 by Prowler's check first, then what the event itself names."""
    if check := prowler_check(one):
        yield from prowler.controls(_provider(one), check)
    for index, line in enumerate(list_at(one, "compliance", "requirements")):
        found = list(related(line)) if isinstance(line, str) else []
        yield from found
        if not found:
            flags.append(Flag(code="requirement_unread", pointer=f"/compliance/requirements/{index}"))
    named = [name for name in list_at(one, "compliance", "standards") if isinstance(name, str)]
    if control := text_at(one, "compliance", "control"):
        for name in named:
            hub = security_hub(name)
            yield from of_standard(hub.standard if hub else name, hub and hub.edition, control)
        if not named:
            yield from mentioned(control)
    frameworks = at(one, "unmapped", "compliance")
    for name, clauses in frameworks.items() if isinstance(frameworks, Mapping) else ():
        lines = clauses if isinstance(clauses, list) else [clauses]
        yield from prowler.framework(name, [line for line in lines if isinstance(line, str)])


def _evidence(one: Mapping[str, Any]) -> Iterator[str]:
    about = info(one)
    said = (text_at(about, "desc"), text_at(one, "message"), text_at(one, "status_detail"))
    yield from dict.fromkeys(line for line in said if line)
    result = text_at(one, "compliance", "status") or text_at(one, "status_code")
    yield from labelled(("Result", result), ("Reason", text_at(one, "compliance", "status_detail")))
    yield from _places(one)
    yield from labelled(
        ("Account", text_at(one, "cloud", "account", "uid") or text_at(one, "cloud", "account", "name")),
        ("Region", text_at(one, "cloud", "region")),
        ("Check", text_at(one, "metadata", "event_code")),
        ("Control", text_at(one, "compliance", "control")),
        ("Status", text_at(one, "status")),
        ("Risk", text_at(one, "risk_details")),
        ("Remediation", text_at(one, "remediation", "desc")),
    )
    commands = (line for line in list_at(one, "remediation", "references") if isinstance(line, str))
    yield from (f"Remediation: {line}" for line in commands if not link(None, line))
    yield from rest(one, _PLACED)
    for name, placed in (("compliance", _COMPLIANCE), ("unmapped", _UNMAPPED)):
        if isinstance(inner := at(one, name), Mapping):
            yield from rest(inner, placed)


def _resources(one: Any) -> list[Any]:
    single = at(one, "resource")
    return list_at(one, "resources") or ([single] if isinstance(single, Mapping) else [])


def _places(one: Mapping[str, Any]) -> Iterator[str]:
    resources = _resources(one)
    for resource in resources[:_RESOURCES]:
        name = text_at(resource, "uid") or text_at(resource, "name")
        parts = (text_at(resource, "type"), name, text_at(resource, "region"))
        yield f"Resource: {' '.join(part for part in parts if part) or 'unnamed'}"
        if details := at(resource, "data"):
            yield f"  {shown(details)}"
    if len(resources) > _RESOURCES:
        yield f"… and {len(resources) - _RESOURCES} more resources"


def _department(one: Mapping[str, Any]) -> str | None:
    for resource in _resources(one):
        tags = [
            *((text_at(tag, "name"), text_at(tag, "value")) for tag in list_at(resource, "tags")),
            *(_label(label) for label in list_at(resource, "labels")),
        ]
        named = {name.casefold(): value for name, value in tags if name and value}
        if owner := next((named[name] for name in OWNERS if name in named), None):
            return owner[:200]
    group = next((name for resource in _resources(one) if (name := text_at(resource, "group", "name"))), None)
    return (group or text_at(one, "cloud", "account", "name") or "")[:200] or None


def _label(label: Any) -> tuple[str | None, str | None]:
    if not isinstance(label, str):
        return None, None
    name, mark, value = label.partition("=" if "=" in label else ":")
    return (name.strip(), value.strip()) if mark else (None, None)


def _attachments(one: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    yield from link("Source", text_at(info(one), "src_url"))
    for reference in list_at(one, "remediation", "references"):
        yield from link("Recommendation", reference.strip() if isinstance(reference, str) else None)
    yield from link("Related", text_at(one, "unmapped", "related_url"))
