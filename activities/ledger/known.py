"""What deciders know of other streams, by the rows of their read models: as `closeout.facts` says it. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg

from activities.ledger.projections import Row
from workflows.decider import Client
from workflows.entries import MOST_CASES, AuditEntry, CaseEntry, CaseQuery, CertificateEntry


def client_of(key: str, row: Mapping[str, Any] | asyncpg.Record) -> Client:
    """A client by its row."""
    return Client(
        key,
        zone=row["zone"],
        country=row["country"],
        subdivision=row["subdivision"],
        sites=tuple(row["sites"]),
        four_eyes=row["four_eyes"],
        internal_confirmation=row["internal_confirmation"],
        merged_into=row["merged_into"],
    )


def audit_of(rows: Sequence[Row], key: str | None) -> AuditEntry | None:
    """The audit under a key, by the rows of all."""
    return next((AuditEntry.model_validate(row["view"]) for row in rows if row["id"] == key), None)


def audits_of(rows: Sequence[Row], client: str | None) -> list[AuditEntry]:
    """The audits of a client, by the rows of all."""
    return [AuditEntry.model_validate(row["view"]) for row in rows if row["client"] == client]


def certificates_of(rows: Sequence[Row], client: str | None) -> list[CertificateEntry]:
    """The certificates of a client, by the rows of all."""
    return [CertificateEntry.model_validate(row["view"]) for row in rows if row["client"] == client]


def cases_of(rows: Sequence[Row], query: CaseQuery) -> list[CaseEntry]:
    """The nonconformities that are asked for, the newest first; those that do not live are left out before."""
    cases = [CaseEntry.model_validate({**row, "audit": row["audit_ref"]}) for row in reversed(rows)]
    return [case for case in cases if query.names(case)][:MOST_CASES]
