"""One kind of thing as tables: its commands with all that may stand against them, signatures, the clock, refusals."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from services.handbook.diagrams import diagram
from services.handbook.recorded import events_of
from services.handbook.words import code, first_paragraph, table
from workflows.decider import Decider, Event, Refusal
from workflows.people import Role
from workflows.procedure import Procedure, Row


class Part(NamedTuple):
    """Rows that belong together; no title where a kind has one part."""

    title: str
    rows: Sequence[Row]


def chapter(
    title: str,
    decider: Decider[Any],
    procedure: Procedure[Any],
    parts: Sequence[Part],
    groups: Mapping[str, frozenset[str]],
) -> str:
    """A kind of thing in full; `groups` are names for sets of states, so that rows need not spell them out."""
    blocks = [f"## {title}", f"```mermaid\n{diagram(decider.kind, procedure).rstrip()}\n```"]
    if groups:
        blocks.append(
            "States by name: "
            + "; ".join(f"*{name}*: {_spelled(procedure, states)}" for name, states in groups.items())
            + "."
        )
    for part in parts:
        blocks += [f"### {title}: {part.title}"] if part.title else []
        blocks.append(_commands(procedure, part.rows, groups))
    clock = events_of(decider.on_wakeup)
    if clock:
        blocks.append("The clock alone records: " + "; ".join(f"`{_short(e.type)}` ({_said(e)})" for e in clock) + ".")
    blocks += _signatures(procedure.rows)
    blocks += _refusals(title, procedure.rows)
    return "\n\n".join(blocks) + "\n"


def refusals(found: Iterable[type[Refusal]]) -> str:
    """Refusals with their rules and sentences."""
    rows = [(f"`{refusal.code}`", first_paragraph(refusal), refusal.says) for refusal in found]
    return table(("Code", "The rule", "What the caller is told"), rows)


def _commands(procedure: Procedure[Any], rows: Iterable[Row], groups: Mapping[str, frozenset[str]]) -> str:
    return table(
        ("Command", "What it says", "From, and where it may end", "Who", "Refused with", "Records", "Source"),
        [
            (
                f"`{row.command}`" + (" (signed)" if row.signs else "") + _body(row),
                first_paragraph(row.body),
                _states(procedure, row, groups),
                _who(row),
                code(refusal.code for guard in row.guards for refusal in guard.refusals),
                code(_short(event.type) for event in events_of(row.record)),
                row.source,
            )
            for row in (procedure.by_command[one.command] for one in rows)
        ],
    )


def _who(row: Row) -> str:
    """Who gives a command; what comes by a report is no command that they give themselves."""
    if not row.internal:
        return _roles(row.who)
    return f"by what these report: {_roles(row.who)}" if row.who else "by reaction"


def _body(row: Row) -> str:
    fields = [
        name if field.is_required() else f"{name}?"
        for name, field in row.body.model_fields.items()
        if name != "signature"
    ]
    return f" {{{', '.join(fields)}}}" if fields else ""


def _states(procedure: Procedure[Any], row: Row, groups: Mapping[str, frozenset[str]]) -> str:
    start = next(
        (f"*{name}*" for name, states in groups.items() if states == row.states), _spelled(procedure, row.states)
    )
    return f"{start} → {', '.join(row.to)}" if row.to else start


def _spelled(procedure: Procedure[Any], states: Collection[str]) -> str:
    return ", ".join(state or "(new)" for state in procedure.in_order(states))


def _roles(roles: Iterable[Role]) -> str:
    return ", ".join(role.value.replace("_", " ") for role in sorted(roles))


def _signatures(rows: Iterable[Row]) -> Sequence[str]:
    signing = [(f"`{row.command}`", row.meaning, _covered(row.signs)) for row in rows if row.signs is not None]
    return [table(("Signed command", "The signature says", "It covers"), signing)] if signing else []


def _refusals(title: str, rows: Iterable[Row]) -> Sequence[str]:
    found = {refusal.code: refusal for row in rows for guard in row.guards for refusal in guard.refusals}
    return [f"### {title}: refusals", refusals(found.values())] if found else []


def _short(type: str) -> str:
    """An event's type within its kind."""
    return type.partition(".")[2]


def _said(event: type[Event]) -> str:
    """An event's first sentence, inside another one."""
    text = first_paragraph(event).partition(". ")[0].rstrip(".")
    return text[:1].lower() + text[1:]


def _covered(content: object) -> str:
    """What a signature covers, of a docstring that begins with saying that it says so."""
    text = first_paragraph(content)
    return text.partition(": ")[2] or text
