"""Documents as they were received, byte for byte."""

import hashlib

from activities.ledger.database import Database
from activities.ledger.queries import query

LONG = 10.0
"""Seconds that writing a document may take: it can have tens of megabytes."""


async def keep(database: Database, tenant: str, document: bytes, source: str, media_type: str) -> str:
    """Keeps a document, once, and answers its SHA-256 in hexadecimal. Raises Unavailable."""
    digest = hashlib.sha256(document)
    async with database.entered(tenant, seconds=LONG) as connection:
        await connection.execute(
            query("document_keep"), tenant, digest.digest(), source, media_type, len(document), document
        )
    return digest.hexdigest()


async def find(database: Database, tenant: str, digest: str) -> bytes:
    """The bytes of a document that was kept, by its SHA-256. Raises KeyError, and Unavailable."""
    async with database.entered(tenant, seconds=LONG) as connection:
        row = await connection.fetchrow(query("document_find"), tenant, bytes.fromhex(digest))
    if row is None:
        raise KeyError(digest)
    content: bytes = row["bytes"]
    return content
