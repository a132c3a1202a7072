"""What makes a finding another one than its source said before."""

import hashlib

from workflows.findings.model import Finding

APART = frozenset({"source", "client", "detected_at", "recurrence_of"})
"""What no revision is about: the reference and the client, which stay; what it recurs, which was settled when it came;
and when it was seen, which every scan writes anew."""


def said(finding: Finding) -> str:
    """The digest of what a source says of a finding, by which the same is known again.

    Of what is stated alone, so that a field which findings get later changes no digest.
    """
    return hashlib.sha256(finding.model_dump_json(exclude=set(APART), exclude_defaults=True).encode()).hexdigest()


def differing(before: Finding | None, now: Finding) -> tuple[str, ...]:
    """The names of the fields that a source says otherwise than before."""
    names = [name for name in Finding.model_fields if name not in APART]
    return tuple(name for name in names if before is None or getattr(before, name) != getattr(now, name))
