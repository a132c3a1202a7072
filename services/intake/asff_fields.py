"""Where the fields of a finding are in an ASFF finding, and how its texts are put together."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from services.intake.parts import OWNERS, at, cut, related, required, security_hub, text_at, when
from workflows import standards
from workflows.findings import LONG, MANY, TITLE, Flag

_CUT = 63
"""Prowler cuts a related requirement here, in the midst of a clause."""
_DETAILS = 2000
_RESOURCES = 100
_PROWLER = "prowler-"
_NUMBERS = ((90, "CRITICAL"), (70, "HIGH"), (40, "MEDIUM"), (1, "LOW"), (0, "INFORMATIONAL"))
"""Lowest normalised severity of each label (Security Hub, ASFF reference, Severity)."""


def external_id(one: Any) -> str | None:
    """What names a finding: an Id is unique within a product only."""
    product, name = text_at(one, "ProductArn"), text_at(one, "Id")
    return f"{product}|{name}" if product and name else None


def system(one: Any) -> str | None:
    """The product that reports, for findings that come without a key: `prowler/prowler`."""
    product = text_at(one, "ProductArn")
    return product.rpartition(":product/")[2][-100:] if product else None


def revision(one: Any) -> datetime | None:
    """When the source last changed the finding."""
    return when([], text_at(one, "UpdatedAt"))


def mapped(one: Mapping[str, Any]) -> tuple[dict[str, Any], Sequence[Flag]]:
    """The finding's fields in our shape, without client and system, and what had to be assumed or cut."""
    flags: list[Flag] = []
    detected = when(flags, text_at(one, "FirstObservedAt"), text_at(one, "CreatedAt"))
    title = text_at(one, "Title")
    return {
        "source": {"external_id": external_id(one)},
        "requirements": required(_references(one, flags), flags),
        "title": cut(title, TITLE, "/title", flags),
        "statement": cut(text_at(one, "Description") or title, LONG, "/statement", flags),
        "objective_evidence": cut("\n".join(_evidence(one)), LONG, "/objective_evidence", flags),
        "severity": _severity(one),
        "detected_at": detected,
        "department": _department(one),
        "attachments": list(_attachments(one)),
    }, flags


def _severity(one: Mapping[str, Any]) -> str | None:
    label = text_at(one, "FindingProviderFields", "Severity", "Label") or text_at(one, "Severity", "Label")
    number = at(one, "Severity", "Normalized")
    if label is None and isinstance(number, int | float) and not isinstance(number, bool):
        label = next((name for least, name in _NUMBERS if number >= least), None)
    product = at(one, "Severity", "Product")
    if label is None and isinstance(product, int | float) and not isinstance(product, bool):
        label = str(product)
    return label[:200] if label else None


def _references(one: Mapping[str, Any], flags: list[Flag]) -> list[standards.Reference]:
    """Controls of ISO/IEC 27001 by the check's name first, then what the finding itself names."""
    generator = text_at(one, "GeneratorId") or ""
    prowler = generator.startswith(_PROWLER)
    controls = standards.controls_for_check("aws", generator.removeprefix(_PROWLER)) if prowler else ()
    found = [standards.Reference("ISO/IEC 27001", "2022", control) for control in controls]
    related = at(one, "Compliance", "RelatedRequirements")
    for index, line in enumerate(related if isinstance(related, list) else ()):
        read = list(_related(line, prowler)) if isinstance(line, str) else []
        found += read
        if not read or (prowler and len(line) >= _CUT):
            flags.append(Flag(code="requirement_unread", pointer=f"/Compliance/RelatedRequirements/{index}"))
    if (named := security_hub(generator)) and named.clause:
        found.append(named)
    elif control := text_at(one, "Compliance", "SecurityControlId"):
        found.append(standards.Reference("AWS Security Hub controls", None, control))
    return found


def _related(line: str, prowler: bool) -> Iterator[standards.Reference]:
    """What one line names, also Prowler's `CIS-1.5 1.20 1.21`."""
    if prowler:
        name, *clauses = line.split()[: -1 if len(line) >= _CUT and not line[-1].isspace() else None] or [""]
        named = standards.standard(name)
        yield from (standards.Reference(*named, standards.clause(named.name, clause)) for clause in clauses)
    else:
        yield from related(line)


def _evidence(one: Mapping[str, Any]) -> Iterator[str]:
    if description := text_at(one, "Description"):
        yield description
    if status := text_at(one, "Compliance", "Status"):
        yield f"Result: {status}"
    reasons = at(one, "Compliance", "StatusReasons")
    for reason in reasons[:MANY] if isinstance(reasons, list) else ():
        if said := text_at(reason, "Description") or text_at(reason, "ReasonCode"):
            yield f"Reason: {said}"
    resources = _resources(one)
    for resource in resources[:_RESOURCES]:
        parts = (text_at(resource, "Type"), text_at(resource, "Id"), text_at(resource, "Region"))
        yield f"Resource: {' '.join(part for part in parts if part) or 'unnamed'}"
        if details := at(resource, "Details"):
            yield f"  {json.dumps(details, ensure_ascii=False, sort_keys=True)[:_DETAILS]}"
    if len(resources) > _RESOURCES:
        yield f"… and {len(resources) - _RESOURCES} more resources"
    places = (
        ("Account", "AwsAccountId"),
        ("Region", "Region"),
        ("Check", "GeneratorId"),
        ("Last seen", "LastObservedAt"),
    )
    yield from (f"{label}: {said}" for label, key in places if (said := text_at(one, key)))


def _resources(one: Mapping[str, Any]) -> list[Any]:
    resources = one.get("Resources")
    return resources if isinstance(resources, list) else []


def _department(one: Mapping[str, Any]) -> str | None:
    for resource in _resources(one):
        tags = at(resource, "Tags")
        named = {key.casefold(): value for key, value in tags.items()} if isinstance(tags, Mapping) else {}
        for owner in OWNERS:
            if found := text_at(named, owner):
                return found[:200]
    return text_at(one, "AwsAccountName")


def _attachments(one: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    addresses = (
        ("Source", text_at(one, "SourceUrl")),
        ("Recommendation", text_at(one, "Remediation", "Recommendation", "Url")),
    )
    yield from ({"name": name, "url": address} for name, address in addresses if address and len(address) <= 2000)
