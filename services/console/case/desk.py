"""The desk of a reviewer: finding, plan and evidence side by side, and for each section what is to be mended.

One form gives one of two commands: what is written to a section returns it with that reason; nothing written anywhere,
the whole is accepted and signed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.console.forms import reasons
from services.console.forms.choices import short, showable
from services.console.forms.fields import Asking, Field, fields, schema_of
from services.console.forms.subject import Subject
from services.console.forms.typed import Typed, rows
from services.console.frame.catalogue import gettext
from services.console.frame.words import word
from services.console.things.work import DECIDES_TWO_WAYS
from workflows.nonconformity.case import Case
from workflows.nonconformity.parts import Evidence
from workflows.nonconformity.rules import PROCEDURE
from workflows.procedure import Row, Signable

PLAN: Sequence[reasons.Section] = ("correction", "cause", "extent", "actions")
"""The sections of a plan."""

NAMED = {"return_plan": "section", "return_evidence": "shows"}
"""The commands that return, and the field of theirs that names a section."""

MENDS: Mapping[str, Sequence[str]] = {
    "record_correction": ("correction",),
    "record_cause": ("cause", "extent"),
    "record_extent": ("extent",),
    "plan_action": ("actions", "shows"),
    "revise_action": ("actions", "shows"),
    "attach_evidence": ("shows",),
}
"""What a command mends that came back: sections of the plan, or what evidence shows."""

ACCEPTS = {returns: accepts for accepts, returns in DECIDES_TWO_WAYS.items() if returns in NAMED}
"""The command beside each of them that accepts."""

LIST = "sections"
_OF = f"{LIST}.of-"
"""How a field begins that says what is to be mended in a section. A dot in a section's key would end a name there."""


@dataclass(frozen=True, slots=True)
class Part:
    """One section: the field for its `reason`, and what can be put there at once; `pieces` are its evidence."""

    key: str
    title: str
    reason: Field
    stock: Mapping[str, str]
    pieces: Sequence[Evidence] = ()


@dataclass(frozen=True, slots=True)
class Desk:
    """What there is to decide: `row` is the command that accepts, `returns` the other; `why_not` rules against either.

    `signable` and `content` are what accepting signs, `accepting` and `returning` the fields beside the sections,
    `others` evidence for nothing of the present plan.
    """

    row: Row
    returns: str
    why_not: Mapping[str, str]
    signable: Signable | None
    content: Any
    parts: Sequence[Part]
    accepting: Sequence[Field]
    returning: Sequence[Field]
    others: Sequence[Evidence]


def returns(command: str) -> str | None:
    """The command that returns at the desk at which this one is given; None for one that has none."""
    return command if command in ACCEPTS else DECIDES_TWO_WAYS.get(command) if command in ACCEPTS.values() else None


def stands(found: Subject, command: str) -> bool:
    """Whether a command on a case is given at a desk, and one of the two can be given there now."""
    back = returns(command)
    open_now = {one.command for one in found.standing.allowed if one.why_not is None}
    return back is not None and not open_now.isdisjoint({back, ACCEPTS[back]})


def drafted(found: Subject, row: Row) -> Row:
    """The row under which what is typed into a form is kept: at a desk, of the command that returns."""
    back = returns(row.command)
    return PROCEDURE.row(back) if back is not None and stands(found, row.command) else row


def desk(
    found: Subject, command: str, typed: Typed, faults: Mapping[str, str], stock: reasons.Stock, *, again: bool
) -> Desk | None:
    """The desk for a command on a case; None where none stands, unless its form is shown `again`."""
    case, back = found.state, returns(command)
    if back is None or not isinstance(case, Case):
        return None
    row = PROCEDURE.row(ACCEPTS[back])
    allowed = {one.command: one.why_not for one in found.standing.allowed if one.command in (row.command, back)}
    if not allowed or not (again or stands(found, command)):
        return None
    signable = (found.standing.signable or {}).get(row.command)
    typed = {"to": ["evidence"], **typed}
    parts = _parts(case, back, typed, faults, stock)
    known = {one.key for one in parts}
    return Desk(
        row=row,
        returns=back,
        why_not={name: why for name, why in allowed.items() if why},
        signable=signable,
        content=row.signs(case) if row.signs is not None and signable else None,
        parts=parts,
        accepting=_fields(row, typed, faults),
        returning=_fields(PROCEDURE.row(back), typed, faults),
        others=[piece for piece in case.evidence if not known.intersection(piece.shows)],
    )


def with_reason(typed: Typed, put: str, stock: reasons.Stock) -> Typed:
    """The same with a reason at hand put into a field, `sections.of-cause:cause_only_one`, after what is there."""
    field, _, code = put.rpartition(":")
    text = stock.text(code)
    if text is None or not field.startswith(_OF):
        return typed
    written = _text(typed, field).rstrip()
    return {**typed, field: [f"{written}\n{text}" if written else text]}


def rowed(command: str, typed: Typed) -> Typed:
    """What is typed at the desk as a command that returns has it: a row for each section that has something."""
    named = NAMED.get(command)
    if named is None:
        return typed
    kept = {name: values for name, values in typed.items() if not name.startswith(f"{LIST}.")}
    written = [(key, reason) for key, (reason, _) in _written(typed, named).items() if reason.strip()]
    for row, (key, reason) in enumerate(written):
        kept |= {f"{LIST}.{row}.{named}": [key], f"{LIST}.{row}.reason": [reason]}
    return kept


def came_back(command: str, case: Case) -> list[dict[str, str]]:
    """What was said of that which a command mends, when it came back last."""
    return [one for one in case.returned if one.get("section", "shows") in MENDS.get(command, ())]


def amiss(command: str, typed: Typed) -> str:
    """What stands against a form of the desk before any rule does: that it says two things, or nothing."""
    is_written = any(_text(typed, name).strip() for name in typed if name.startswith(_OF))
    if command in ACCEPTS.values() and is_written:
        return gettext("You wrote what is to be mended: return it, or empty these fields to accept.")
    if command in ACCEPTS and not is_written:
        return gettext("Write what is to be mended, in one section at least.")
    return ""


def _fields(row: Row, typed: Typed, faults: Mapping[str, str]) -> list[Field]:
    shown = fields(Asking(schema_of(row.body), typed, {}, faults))
    return [field for field in shown if field.name != LIST]


def _parts(case: Case, back: str, typed: Typed, faults: Mapping[str, str], stock: reasons.Stock) -> list[Part]:
    """The sections in the order of the plan; after them, what was written to one that is no longer there."""
    written = _written(typed, NAMED[back])
    sections: list[tuple[str, str, reasons.Section]] = [(key, word("section", key), key) for key in PLAN]
    if back == "return_evidence":
        shown = showable(case)
        gone = {key: short(key, "") for key, (reason, _) in written.items() if reason and key not in shown}
        sections = [(key, title, "evidence") for key, title in {**shown, **gone}.items()]
    found = []
    for key, title, section in sections:
        reason, row = written.get(key, ("", None))
        fault = "" if row is None else faults.get(f"/{LIST}/{row}/reason", "") or faults.get(f"/{LIST}/{row}", "")
        pieces = [piece for piece in case.evidence if key in piece.shows] if section == "evidence" else []
        field = Field(
            name=f"{_OF}{key.replace('.', '~')}",
            label=gettext("Reason to return: %(section)s") % {"section": title},
            kind="text",
            needed=False,
            required=False,
            values=(reason,),
            fault=fault,
            hint=gettext("Give a reason to return this section; left empty, it stays."),
            most=_longest(back),
        )
        found.append(Part(key, title, field, stock.offered(section), pieces))
    return found


def _longest(back: str) -> int | None:
    """How many characters a reason of a command that returns may have."""
    [listed] = [field for field in fields(Asking(schema_of(PROCEDURE.row(back).body), {})) if field.name == LIST]
    return next(part.most for part in listed.rows[0] if part.name.endswith(".reason"))


def _written(typed: Typed, named: str) -> dict[str, tuple[str, int | None]]:
    """What is written to each section, by its key, and in which row it was sent, if in one."""
    sent: dict[str, tuple[str, int | None]] = {
        _text(typed, f"{LIST}.{row}.{named}"): (_text(typed, f"{LIST}.{row}.reason"), row) for row in rows(typed, LIST)
    }
    fresh = {name.removeprefix(_OF).replace("~", "."): _text(typed, name) for name in typed if name.startswith(_OF)}
    return sent | {key: (reason, None) for key, reason in fresh.items()}


def _text(typed: Typed, name: str) -> str:
    return next(iter(typed.get(name, ())), "")
