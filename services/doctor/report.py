"""What the doctor says: lines for people, or JSON for machines."""

import json
from collections.abc import Sequence

from services.doctor.checks import Finding, Result


def well(findings: Sequence[Finding]) -> bool:
    """Whether no check failed."""
    return all(finding.result is not Result.FAIL for finding in findings)


def text(findings: Sequence[Finding]) -> str:
    """A line for each check, and one below it for what is to be mended; a count at the end."""
    width = max(len(finding.name) for finding in findings)
    lines = []
    for finding in findings:
        lines.append(f"{finding.result:<8}{finding.name:<{width}}  {finding.found}")
        if finding.mend:
            lines.append(f"{'':8}{'':{width}}  mend: {finding.mend}")
    counts = {result: sum(finding.result is result for finding in findings) for result in Result}
    return "\n".join([*lines, ", ".join(f"{count} {result}" for result, count in counts.items() if count)]) + "\n"


def document(findings: Sequence[Finding]) -> str:
    """`{ok, checks: [{name, result, found, mend}]}` as JSON."""
    checks = [
        {"name": each.name, "result": each.result, "found": each.found, "mend": each.mend or None} for each in findings
    ]
    return json.dumps({"ok": well(findings), "checks": checks}, indent=2, ensure_ascii=False) + "\n"
