"""The cases of a certification body: ten that truly lived, copied with other ids, clients, dates and words.

Of ten, one is in triage, two wait on their client, one on the body, and six ended.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import asyncpg

from activities.ledger.protocol import Ledger
from bench import cases
from bench.million import copy
from workflows.decider import Command

CLIENTS = 200
"""How many clients have cases."""

WORDS = "area 7"
"""Words that one case of a thousand holds."""

CLIENT = f"('client-' || copy.n % {CLIENTS})"
CLAUSE = "('A.5.' || copy.n % 37)"

DIFFERING: Mapping[str, Mapping[str, str]] = {
    "nonconformities": {
        "id": "copy.id",
        "number": "CASE WHEN t.number IS NOT NULL THEN 'NC-0000-' || copy.n END",
        "org": CLIENT,
        "client": CLIENT,
        "status": "CASE WHEN t.ended_at IS NOT NULL AND copy.n % 7 > 0 THEN 'closed' ELSE t.status END",
        "title": "t.title || ' in area ' || copy.n % 1000",
        "body": f"{CLAUSE} || ' ' || t.body || ' found in room ' || copy.n % 5000",
        "requirements": f"ARRAY['ISO/IEC 27001 ' || {CLAUSE}]",
        "terms": f"ARRAY['ISO/IEC 27001 ' || {CLAUSE}, '27001 ' || {CLAUSE}, {CLAUSE}]",
        "audit_ref": "'A-' || copy.n / 25",
        "department": "'Department ' || copy.n % 17",
        "sites": "ARRAY['Site ' || copy.n % 700]",
        "assignees": "ARRAY['person-' || copy.n % 900]",
        "reported_at": "t.reported_at - copy.n % 1500 * interval '1 day'",
        "issued_at": "t.issued_at - copy.n % 1500 * interval '1 day'",
        "ended_at": "t.ended_at - (copy.n % 1500 - copy.n % 90) * interval '1 day'",
        "due_at": "t.due_at - copy.n % 17 * interval '1 day' + copy.n % 1440 * interval '1 minute'",
        "act_at": "t.act_at - copy.n % 17 * interval '1 day' + copy.n % 1440 * interval '1 minute'",
    },
    "streams": {
        "stream": "'nonconformity/' || copy.id",
        "org": CLIENT,
        "state": f"jsonb_set(t.state, '{{finding,client}}', to_jsonb({CLIENT}))",
        "owed": "'{}'::int[]",  # else the sweep starts them all
    },
    "events": {"stream": "'nonconformity/' || copy.id"},
}
"""In which columns the copies differ."""

COPIED_CLIENT = {
    "key": "'client-' || copy.n",
    "org": "'client-' || copy.n",
    "name": "'Client ' || copy.n",
    "aliases": "'{}'::text[]",
}


async def fill(ledger: Ledger, owner: "asyncpg.Pool[asyncpg.Record]", tenant: str, n: int) -> None:
    """Makes n copies in a tenant that has the client `acme`: `id_of(1)` to `id_of(n)`."""
    lived = await _lived(ledger, tenant)
    await copy(owner, "clients", tenant, cases.CLIENT, tenant, COPIED_CLIENT, range(CLIENTS))
    for table, differing in DIFFERING.items():
        for place, case in enumerate(lived, 1):
            await copy(owner, table, tenant, case, tenant, differing, range(place, n + 1, len(lived)))
        await owner.execute(f"VACUUM ANALYZE closeout.{table}")


async def busy(ledger: Ledger, tenant: str) -> str:
    """A case with six causes, twelve actions and forty remarks; its id."""
    [stream] = await cases.report(ledger, tenant, 1, grade="major")
    causes = [{"key": f"c{n}", "text": f"Cause {n} of it", "category": f"Kind {n % 4}"} for n in range(6)]
    extent = {"looked_at": ["Berlin", "Linz"], "found": ["two more in Linz"]}
    given = [
        cases.command(
            "record_correction", cases.OWNER, {"text": "The accounts were blocked.", "done_on": "2026-03-02"}
        ),
        cases.command("record_cause", cases.OWNER, {"method": "ishikawa", "causes": causes, "extent": extent}),
    ]
    day = (datetime.now(UTC) + timedelta(days=9)).date().isoformat()
    for n in range(12):
        action = {
            "key": f"a{n}",
            "text": f"Action {n} against it",
            "causes": [f"c{n % 6}"],
            "owner": "IT",
            "due_on": day,
        }
        after = {"after": [f"a{n - 1}"]} if n % 3 else {}
        given.append(cases.command("plan_action", cases.OWNER, action | after))
    given += [cases.comment() for _ in range(40)]
    await _give(ledger, tenant, stream, given)
    return stream.partition("/")[2]


async def _lived(ledger: Ledger, tenant: str) -> list[str]:
    """The ids of the ten."""
    [triage] = await cases.report(ledger, tenant, 1)
    waiting = await cases.report(ledger, tenant, 3, grade="minor")
    until = (datetime.now(UTC) + timedelta(days=20)).isoformat()
    asked = {"deadline": "plan", "until": until, "reason": "The plant is closed.", "containment": "It is locked."}
    await _give(ledger, tenant, waiting[-1], [cases.command("request_extension", cases.OWNER, asked)])
    ended = await cases.report(ledger, tenant, 6)
    for stream in ended:
        await _give(ledger, tenant, stream, cases.life())
    return [stream.partition("/")[2] for stream in (triage, *waiting, *ended)]


async def _give(ledger: Ledger, tenant: str, stream: str, given: list[Command]) -> None:
    for command in given:
        answer = await ledger.transact(tenant, stream, command, datetime.now(UTC))
        if answer.refusal is not None:
            raise RuntimeError(answer.refusal.detail)
