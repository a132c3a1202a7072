"""What the text of a nonconformity should not say: its cause and its solution are the client's to find."""

import re

from workflows.findings import Finding

_CAUSE = re.compile(r"\b(because|due to|caused by|root cause|as a result of|owing to)\b", re.IGNORECASE)
_SOLUTION = re.compile(
    r"\b(should (?:be|have|implement|introduce|establish)|recommend(?:s|ed|ation)?|we suggest|needs? to be)\b",
    re.IGNORECASE,
)


def warnings(finding: Finding) -> tuple[str, ...]:
    """Where the text suggests a cause or a solution (ISO/IEC 17021-1, 9.4.5.3); a warning, never a refusal."""
    found = []
    for name, text in (("statement", finding.statement), ("objective evidence", finding.objective_evidence)):
        for what, pattern in (("cause", _CAUSE), ("solution", _SOLUTION)):
            hit = pattern.search(text)
            if hit:
                found.append(f"The {name} suggests a {what} ({hit[0]!r}): that is for the client to find.")
    return tuple(found)
