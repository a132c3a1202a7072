"""Figures of what failed: by requirement, by cause, by standard and department, and what failed again."""

from collections.abc import Sequence
from urllib.parse import urlencode

from activities.reads.overview import Overview, Share
from services.console.frame.catalogue import gettext
from services.console.frame.navigation import HOME
from services.console.overview.bars import Line
from services.console.overview.figure import DRAWN, Figure, Row, barred, others, told
from services.console.overview.heat_map import heat_map
from services.console.overview.pareto import pareto, shares


def requirements(overview: Overview, clients: Sequence[str]) -> Figure:
    """Which requirements fail most."""
    return _pareto(
        key="requirements",
        title=gettext("Requirements that fail most"),
        counts=gettext("What was issued in the period; on several requirements, it counts for each."),
        called=gettext("Requirement"),
        found=overview.requirements,
        names=[one.name for one in overview.requirements],
        links=[_cases(one.name, clients) for one in overview.requirements],
    )


def causes(overview: Overview) -> Figure:
    """Which categories of causes are most frequent."""
    return _pareto(
        key="causes",
        title=gettext("Causes, by category"),
        counts=gettext(
            "What was issued in the period and has a root cause; with several categories, it counts for each."
        ),
        called=gettext("Category"),
        found=overview.causes,
        names=[one.name or gettext("No category") for one in overview.causes],
        links=[None for _ in overview.causes],
    )


def repeats(overview: Overview, clients: Sequence[str]) -> Figure:
    """Which requirements failed again after close-out."""
    found = overview.repeats
    lines = [
        Line(
            name=one.name,
            said=gettext("%(again)s of %(cases)s") % {"again": one.again, "cases": one.cases},
            parts=[("again", one.again), ("first", one.cases - one.again)],
        )
        for one in found[:DRAWN]
    ]
    return barred(
        key="repeats",
        title=gettext("Repeats"),
        counts=gettext("What was issued in the period as the recurrence of a closed case."),
        lines=lines,
        columns=[gettext("Requirement"), gettext("Recurrences"), gettext("Issued"), gettext("Share, %")],
        rows=[
            Row([one.name, one.again, one.cases, 100 * one.again / one.cases], _cases(one.name, clients))
            for one in found
        ],
        legend=[("again", gettext("recurrences")), ("first", gettext("others issued"))],
    )


def heat(overview: Overview) -> Figure:
    """Which standard fails in which department; those with most first, the others together at the end."""
    of_rows: dict[str | None, int] = {}
    of_columns: dict[str | None, int] = {}
    for one in overview.heat:
        of_rows[one.department] = of_rows.get(one.department, 0) + one.cases
        of_columns[one.standard] = of_columns.get(one.standard, 0) + one.cases
    rows, columns = _ordered(of_rows), _ordered(of_columns)
    numbers = {(rows.index(one.department), columns.index(one.standard)): one.cases for one in overview.heat}
    departments = [others() if name is None else name or gettext("Not named") for name in rows]
    standards = [others() if name is None else name for name in columns]
    table = [
        Row([name, *(numbers.get((row, column), 0) for column in range(len(columns))), of_rows[rows[row]]])
        for row, name in enumerate(departments)
    ]
    return Figure(
        key="departments",
        title=gettext("Standards and departments"),
        counts=gettext("What was issued in the period; on several standards, it counts for each."),
        shape="heat",
        picture=heat_map(departments, standards, numbers),
        desc=told(
            [(f"{departments[row]}, {standards[column]}", str(n)) for (row, column), n in sorted(numbers.items())]
        ),
        columns=[gettext("Department"), *standards, gettext("All")],
        rows=table,
    )


def _ordered(totals: dict[str | None, int]) -> list[str | None]:
    return sorted(totals, key=lambda name: (name is None, -totals[name], name or ""))


def _pareto(
    *,
    key: str,
    title: str,
    counts: str,
    called: str,
    found: Sequence[Share],
    names: Sequence[str],
    links: Sequence[str | None],
) -> Figure:
    numbers = [one.cases for one in found]
    whole = found[0].among if found else 0
    named, beyond = list(zip(names, numbers, strict=True)), whole - sum(numbers)
    listed = [*named, (others(), beyond)] if beyond else named
    together = shares([number for _, number in listed])
    drawn = named[:DRAWN]
    return Figure(
        key=key,
        title=title,
        counts=counts,
        shape="pareto",
        picture=pareto(drawn, (others(), whole - sum(number for _, number in drawn))),
        desc=told([(name, str(number)) for name, number in drawn]),
        columns=[called, gettext("Cases"), gettext("Share, %"), gettext("Together, %")],
        rows=[
            Row([name, number, 100 * number / whole, share], link)
            for (name, number), share, link in zip(listed, together, [*links, None][: len(listed)], strict=True)
        ],
    )


def _cases(requirement: str, clients: Sequence[str]) -> str:
    """The list of the cases on a requirement."""
    asked = {"view": "all", "requirement": requirement} | ({"client": ",".join(clients)} if clients else {})
    return f"{HOME}?{urlencode(asked)}"
