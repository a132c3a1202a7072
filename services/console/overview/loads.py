"""Figures of who has what: by client, and by audit."""

from collections.abc import Callable, Sequence

from activities.reads.clients import Names
from activities.reads.overview import Load, Overview, Totals
from services.console.frame.asked import address
from services.console.frame.catalogue import gettext
from services.console.frame.navigation import HOME
from services.console.overview.bars import Line
from services.console.overview.figure import DRAWN, Figure, Row, barred, others


def clients(overview: Overview, narrowed: Callable[[str], str]) -> Figure:
    """What each client has; `narrowed` is the address of the overview of one of them."""
    rows = [Row([one.name or one.client, one.client, *_numbers(one)], narrowed(one.client)) for one in overview.clients]
    return _figure(
        key="clients",
        title=gettext("Clients"),
        called=[gettext("Client"), gettext("Key")],
        loads=overview.clients,
        names=[one.name or one.client for one in overview.clients],
        rows=[*rows, *_rest(overview.totals, overview.clients)],
    )


def audits(overview: Overview, names: Names) -> Figure:
    """What was found in each audit; `names` are those of the clients."""
    rows = [
        Row(
            [one.name or gettext("No audit"), names.called(one.client), *_numbers(one)],
            _cases(one) if one.name else None,
        )
        for one in overview.audits
    ]
    return _figure(
        key="audits",
        title=gettext("Audits"),
        called=[gettext("Audit"), gettext("Client")],
        loads=overview.audits,
        names=[one.name or f"{gettext('No audit')}: {names.called(one.client)}" for one in overview.audits],
        rows=[*rows, *_rest(overview.totals, overview.audits)],
    )


def _figure(
    *, key: str, title: str, called: Sequence[str], loads: Sequence[Load], names: Sequence[str], rows: Sequence[Row]
) -> Figure:
    lines = [
        Line(name, _said(one), [("overdue", one.overdue), ("open", max(one.open - one.overdue, 0))])
        for name, one in zip(names[:DRAWN], loads[:DRAWN], strict=True)
        if one.open or one.overdue
    ]
    counted = [gettext("Open"), gettext("Overdue"), gettext("Issued"), gettext("Closed"), gettext("Recurrences")]
    return barred(
        key=key,
        title=title,
        counts=gettext(
            "Open and overdue now; issued, closed and recurrences in the period. Those with most open first."
        ),
        lines=lines,
        columns=[*called, *counted],
        rows=rows,
        legend=[("overdue", gettext("overdue")), ("open", gettext("open, not overdue"))],
    )


def _numbers(one: Load | Totals) -> list[int]:
    return [one.open, one.overdue, one.issued, one.closed, one.again]


def _rest(totals: Totals, listed: Sequence[Load]) -> list[Row]:
    """What is beyond the lines of a figure, in one row; none where nothing is."""
    rest = _numbers(totals)
    for one in listed:
        rest = [whole - part for whole, part in zip(rest, _numbers(one), strict=True)]
    return [Row([others(), "", *rest])] if any(rest) else []


def _said(one: Load) -> str:
    counted = gettext("%(open)s open") % {"open": one.open}
    return f"{counted} · {gettext('%(overdue)s overdue') % {'overdue': one.overdue}}" if one.overdue else counted


def _cases(one: Load) -> str:
    """The list of the cases of an audit."""
    return address(HOME, {"view": "all", "audit": one.name, "client": one.client})
