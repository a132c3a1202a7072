"""The columns of Prowler's CSV: the names of all versions, and where the fields of a finding are in a row."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from services.intake import prowler_fields as prowler
from services.intake.parts import (
    OWNERS,
    attached,
    cut,
    labelled,
    link,
    mentioned,
    of_standard,
    required,
    rest,
    short,
    when,
)
from workflows import standards
from workflows.findings import LONG, TITLE, Flag

Row: TypeAlias = Mapping[str, str]
"""The cells of a row by the names of the newest version, without space around them."""

_RENAMED = {
    # Versions 1 and 2
    "ACCOUNT_NUM": "ACCOUNT_UID",
    "TITLE_ID": "CHECK_ID",
    "TITLE_TEXT": "CHECK_TITLE",
    "RESULT": "STATUS",
    "CHECK_RESULT": "STATUS",
    "NOTES": "STATUS_EXTENDED",
    "CHECK_RESULT_EXTENDED": "STATUS_EXTENDED",
    "CHECK_SEVERITY": "SEVERITY",
    "CHECK_SERVICENAME": "SERVICE_NAME",
    "CHECK_ASFF_RESOURCE_TYPE": "RESOURCE_TYPE",
    "CHECK_ASFF_TYPE": "CHECK_TYPE",
    "CHECK_RISK": "RISK",
    "CHECK_REMEDIATION": "REMEDIATION_RECOMMENDATION_TEXT",
    "CHECK_DOC": "REMEDIATION_RECOMMENDATION_URL",
    "CHECK_CAF_EPIC": "CATEGORIES",
    "CHECK_RESOURCE_ID": "RESOURCE_UID",
    "PROWLER_START_TIME": "TIMESTAMP",
    "ACCOUNT_DETAILS_EMAIL": "ACCOUNT_EMAIL",
    "ACCOUNT_DETAILS_NAME": "ACCOUNT_NAME",
    "ACCOUNT_DETAILS_ARN": "ACCOUNT_ARN",
    "ACCOUNT_DETAILS_ORG": "ACCOUNT_ORGANIZATION_NAME",
    "ACCOUNT_DETAILS_TAGS": "ACCOUNT_TAGS",
    # Version 3
    "ASSESSMENT_START_TIME": "TIMESTAMP",
    "FINDING_UNIQUE_ID": "FINDING_UID",
    "ACCOUNT_ID": "ACCOUNT_UID",
    "SUBSCRIPTION": "ACCOUNT_UID",
    "SUBSCRIPTION_ID": "ACCOUNT_UID",
    "PROJECT_ID": "ACCOUNT_UID",
    "ACCOUNT_ORG": "ACCOUNT_ORGANIZATION_NAME",
    "LOCATION": "REGION",
    "RESOURCE_ARN": "RESOURCE_UID",
}
_PLACED = frozenset({
    "ACCOUNT_NAME", "ACCOUNT_UID", "ADDITIONAL_URLS", "CHECK_ID", "CHECK_TITLE", "COMPLIANCE", "DESCRIPTION",
    "PROVIDER", "REGION", "RELATED_URL", "REMEDIATION_RECOMMENDATION_TEXT", "REMEDIATION_RECOMMENDATION_URL",
    "RESOURCE_DETAILS", "RESOURCE_NAME", "RESOURCE_TYPE", "RESOURCE_UID", "RISK", "SEVERITY", "STATUS",
    "STATUS_EXTENDED", "TIMESTAMP",
})  # fmt: skip
_BRACKETED = re.compile(r"\[(?P<check>\w+)\]")
_ENS = re.compile(r"ens-(?P<clause>\S+)")
_CIS = "CIS AWS Foundations Benchmark"


def renamed(header: Iterable[str]) -> tuple[str, ...]:
    """The columns of a header, in the names of the newest version.

    `NOTES` is the result in version 1 only; a `RESOURCE_ID` is a name where there is an ARN beside it.
    """
    names = [name.strip().upper() for name in header]
    now = dict(_RENAMED)
    if not {"TITLE_ID", "TITLE_TEXT"} <= set(names):
        del now["NOTES"]
    now["RESOURCE_ID"] = "RESOURCE_NAME" if "RESOURCE_ARN" in names else "RESOURCE_UID"
    return tuple(name if now.get(name, name) in names else now[name] for name in names)


def external_id(row: Row) -> str | None:
    """What names a finding: provider, account, check, region and resource; without a resource, what is said of it."""
    check = _check(row)
    if check is None:
        return None
    resource = row.get("RESOURCE_UID") or row.get("RESOURCE_NAME")
    if not resource:
        resource = f"said:{short(row.get('STATUS_EXTENDED') or row.get('FINDING_UID') or '')}"
    return prowler.external_id(_provider(row), row.get("ACCOUNT_UID"), check, row.get("REGION"), resource)


def mapped(row: Row) -> tuple[dict[str, Any], list[Flag]]:
    """The row's fields in our shape, without client, source and system, and what had to be assumed or cut."""
    flags: list[Flag] = []
    title = row["CHECK_TITLE"] or None
    statement = row.get("STATUS_EXTENDED") or row.get("DESCRIPTION") or title
    return {
        "requirements": required(_references(row, flags), flags),
        "title": cut(title, TITLE, "/title", flags),
        "statement": cut(statement, LONG, "/statement", flags),
        "objective_evidence": cut("\n".join(_evidence(row)), LONG, "/objective_evidence", flags),
        "severity": (row.get("SEVERITY") or "")[:200] or None,
        "detected_at": when(flags, row.get("TIMESTAMP")),
        "department": _department(row),
        "attachments": attached(_attachments(row), flags),
    }, flags


def _provider(row: Row) -> str:
    # The versions before 3 knew one provider and had no column for it.
    return row.get("PROVIDER") or "aws"


def _check(row: Row) -> str | None:
    """The check's name; before version 3 it stands in the title, `[check11] …`, beside a number of its group."""
    bracketed = _BRACKETED.match(row["CHECK_TITLE"])
    return bracketed["check"] if bracketed and "PROVIDER" not in row else row["CHECK_ID"] or None


def _references(row: Row, flags: list[Flag]) -> Iterator[standards.Reference]:
    """Controls of ISO/IEC 27001 by the check's name first, then what the row itself names."""
    yield from prowler.controls(_provider(row), _check(row) or "")
    for entry in (row.get("COMPLIANCE") or "").split(" | "):
        name, mark, clauses = entry.partition(": ")
        if mark:
            yield from prowler.framework(name, clauses.split(", "))
        elif entry.strip():
            flags.append(Flag(code="requirement_unread", pointer="/COMPLIANCE"))
    for word in (row.get("CHECK_ASFF_COMPLIANCE_TYPE") or "").split():
        if found := _ENS.fullmatch(word):
            yield from of_standard("ENS", None, found["clause"])
    yield from mentioned(row.get("CHECK_ASFF_COMPLIANCE_TYPE"))
    if _CIS in row.get("CHECK_TYPE", "") and row["CHECK_ID"][:1].isdigit():
        yield from of_standard(_CIS, None, row["CHECK_ID"])


def _evidence(row: Row) -> Iterator[str]:
    said = (row.get("STATUS_EXTENDED"), row.get("DESCRIPTION"))
    yield from dict.fromkeys(line for line in said if line)
    resource = (row.get("RESOURCE_TYPE"), row.get("RESOURCE_UID") or row.get("RESOURCE_NAME"), row.get("REGION"))
    yield f"Result: {row['STATUS']}"
    yield f"Resource: {' '.join(part for part in resource if part) or 'unnamed'}"
    yield from labelled(
        ("Name", row.get("RESOURCE_NAME") if row.get("RESOURCE_NAME") != row.get("RESOURCE_UID") else None),
        ("Details", row.get("RESOURCE_DETAILS")),
        ("Account", " ".join(part for part in (row.get("ACCOUNT_UID"), row.get("ACCOUNT_NAME")) if part)),
        ("Provider", _provider(row)),
        ("Check", row["CHECK_ID"]),
        ("Risk", row.get("RISK")),
        ("Remediation", row.get("REMEDIATION_RECOMMENDATION_TEXT")),
    )
    yield from rest(row, _PLACED)


def _department(row: Row) -> str | None:
    for tag in (row.get("RESOURCE_TAGS") or "").split(" | "):
        name, mark, value = tag.partition("=")
        if mark and name.strip().casefold() in OWNERS and value.strip():
            return value.strip()[:200]
    return (row.get("ACCOUNT_NAME") or "")[:200] or None


def _attachments(row: Row) -> Iterator[dict[str, str]]:
    columns: Sequence[tuple[str, str]] = (
        ("Recommendation", "REMEDIATION_RECOMMENDATION_URL"),
        ("Related", "RELATED_URL"),
        ("Further", "ADDITIONAL_URLS"),
    )
    for label, column in columns:
        for address in (row.get(column) or "").split(" | "):
            yield from link(label, address.strip())
