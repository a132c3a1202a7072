"""What Prowler's own formats and its OCSF share: one key for one finding, and the controls behind a check."""

from collections.abc import Iterable, Iterator

from services.intake.parts import key, of_standard
from workflows import standards


def external_id(provider: str, account: str | None, check: str, region: str | None, resource: str | None) -> str:
    """What names a finding in every format of Prowler, so that a scan that comes as CSV and as OCSF counts once.

    Its own unique id does not: it may hold the scan, ends in a name that several resources of a region may have, and
    is a placeholder in some outputs.
    """
    return key("prowler", provider.casefold(), account, check, region, resource)


def controls(provider: str, check: str) -> Iterator[standards.Reference]:
    """The controls of ISO/IEC 27001 that a check bears on: few outputs name them."""
    for control in standards.controls_for_check(provider.casefold(), check):
        yield standards.Reference("ISO/IEC 27001", "2022", control)


def framework(name: str, clauses: Iterable[str]) -> Iterator[standards.Reference]:
    """The requirements that Prowler lists under the name of a framework: `ISO27001-2022`, `CIS-2.0`."""
    for clause in clauses:
        yield from of_standard(name, None, clause)
