"""How many reports one transaction on Postgres records."""

from activities.ledger.chunks import chunks
from activities.ledger.protocol import Report
from tests.ledger.conftest import NOW, command
from tests.ledger.tally import registry


def sizes(*numbered: bool) -> list[int]:
    reports = [Report("s", str(n), f"tally/{n}", command("open", numbered=yes)) for n, yes in enumerate(numbered)]
    found = [list(chunk) for chunk in chunks(registry(), reports, NOW)]
    assert [report for chunk in found for report in chunk] == reports
    return [len(chunk) for chunk in found]


def test_a_transaction_that_takes_numbers_is_short() -> None:
    """Nobody else gets the next number while it runs."""
    assert sizes(*[True] * 120) == [50, 50, 20]
    assert sizes(*[False] * 1001) == [500, 500, 1]
    assert sizes(*[False] * 60, True, *[False] * 60) == [60, 50, 11]
    assert sizes(*[False] * 49, True, False) == [50, 1]
    assert sizes() == []
