"""A bare bulk insert: every finding a row with its JSON, all in one statement, by asyncpg alone."""

import json
from collections.abc import Sequence
from typing import Any

import asyncpg

TABLE = """
CREATE TABLE IF NOT EXISTS bench.findings (
    source text, external_id text, body jsonb NOT NULL, PRIMARY KEY (source, external_id)
);
"""
INSERT = """
INSERT INTO bench.findings (source, external_id, body)
SELECT * FROM unnest($1::text [], $2::text [], $3::jsonb [])
ON CONFLICT DO NOTHING
"""


async def insert(pool: "asyncpg.Pool[asyncpg.Record]", findings: Sequence[dict[str, Any]]) -> None:
    """Inserts findings that are not there yet."""
    await pool.execute(
        INSERT,
        [one["source"]["system"] for one in findings],
        [one["source"]["external_id"] for one in findings],
        [json.dumps(one) for one in findings],
    )
