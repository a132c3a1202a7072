"""A root cause drawn while it is written: the chain of its whys, or its fishbone, of what is typed so far. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.console.forms.typed import Typed, rows
from services.console.pictures.fishbone import Fishbone, fishbone
from workflows.nonconformity.commands import Cause

COMMAND = "record_cause"
"""The command at whose form it is drawn."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What templates draw: `steps` by a method, and `fish` where that is Ishikawa's and a cause is written."""

    method: str
    steps: Sequence[str]
    fish: Fishbone | None


def drawn(typed: Typed, effect: str) -> Drawn:
    """The picture of what is typed into the form of a root cause, whose `effect` is the nonconformity."""
    method = _text(typed, "method")
    steps = [line.strip() for line in _text(typed, "steps").splitlines() if line.strip()]
    causes = [
        Cause.model_construct(key=str(row), text=text, category=_text(typed, f"causes.{row}.category") or None)
        for row in rows(typed, "causes")
        if (text := _text(typed, f"causes.{row}.text"))
    ]
    return Drawn(method, steps, fishbone(causes, effect) if method == "ishikawa" and causes else None)


def _text(typed: Typed, name: str) -> str:
    return "\n".join(typed.get(name, ())).strip()
