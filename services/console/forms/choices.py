"""What a form offers to choose and begins with: read off the case that it is about. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from services.console.forms.fields import Options
from services.console.forms.typed import Typed, rows
from services.console.frame.catalogue import gettext
from services.console.pictures.names import begun
from services.console.things.work import side_of
from workflows.decider import Client
from workflows.nonconformity.case import Case
from workflows.people import Actor
from workflows.policy_book import PolicyBook

Chosen = tuple[str, str]
MOST = 60
"""Characters of a text that stand for it where it is chosen."""


def options(
    case: Case, command: str, actor: Actor, client: Client | None, names: Mapping[str, str], policies: PolicyBook
) -> Options:
    """What may be chosen for the fields of a command on a case."""
    mine = side_of(actor)
    match command:
        case "assign":
            known = {actor.id: actor.name, **names}
            return {"person": sorted(known.items(), key=lambda one: one[1])}
        case "apply_policy":
            return {"policy": [(name, name) for name in sorted({policy.name for policy in policies.policies})]}
        case "answer":
            return {"question": [(one.key, short(one.key, one.text)) for one in case.questions if one.of == mine]}
        case "answer_complaint":
            return {"complaint": [(one.key, short(one.key, one.text)) for one in case.complaints]}
    return _of_plan(case, command, client)


def _of_plan(case: Case, command: str, client: Client | None) -> Options:
    """What may be chosen of a plan and its evidence."""
    causes = [(cause.key, short(cause.key, cause.text)) for cause in case.causes]
    actions = [(action.key, short(action.key, action.text)) for action in case.actions]
    sites = [(site, site) for site in (client.sites if client else ())]
    match command:
        case "plan_action":
            return {"causes": causes, "after": actions}
        case "revise_action":
            return {"key": actions, "causes": causes, "after": actions}
        case "drop_action":
            return {"key": actions}
        case "complete_action":
            return {"key": [(key, words) for key, words in actions if key in case.left_undone]}
        case "attach_evidence":
            return {"shows": [*showable(case).items()], "site": sites}
        case "return_evidence":
            return {"sections.shows": [*showable(case).items()]}
        case "record_extent":
            return {"site": sites}
    return {}


def showable(case: Case) -> Mapping[str, str]:
    """What evidence can show, by key: actions, then causes; a key that both have is one choice."""
    actions = {one.key: one.text for one in case.actions}
    causes = {one.key: one.text for one in case.causes}
    found = {}
    for key in actions | causes:
        if key not in causes:
            said = gettext("Action %(short)s")
        elif key not in actions:
            said = gettext("Cause %(short)s")
        else:
            said = gettext("Action and cause %(short)s")
        text = "; ".join(one for one in (actions.get(key), causes.get(key)) if one)
        found[key] = said % {"short": short(key, text)}
    return found


REPLACES = frozenset({"change_settings", "complete", "record_cause", "record_correction", "revise", "revise_action"})
"""Commands whose forms begin with what is recorded, which they replace."""


def known(case: Case, command: str, asked: Mapping[str, str], today: date) -> Any:
    """What a form begins with: what is recorded already of what the address asks for."""
    match command:
        case "record_correction" if case.correction:
            return case.correction.model_dump(mode="json")
        case "record_cause" if case.analysis:
            return case.analysis.model_dump(mode="json")
        case "record_cause":
            return {"causes": [{"key": _free("c", ())}]}
        case "plan_action":
            return {"key": _free("a", [action.key for action in case.actions])}
        case "revise_action":
            action = case.action(asked.get("key", ""))
            kept = {"key", "text", "causes", "owner", "due_on", "after"}
            return action.model_dump(mode="json", include=kept) if action else None
        case "complete_action" | "record_follow_up":
            return {"done_on": today.isoformat(), "on": today.isoformat()}
        case "issue":
            return {"grade": case.proposed_grade}
        case "grant_extension" if case.extension:
            until = case.extension.until.astimezone(ZoneInfo(case.zone))
            return {"until": until.strftime("%Y-%m-%dT%H:%M")}
        case "return_plan" | "return_evidence":
            return {"sections": [{}]}
    return None


def begins(command: str, typed: Typed) -> Mapping[str, Mapping[str, str]]:
    """What another row of a list begins with, by the names of list and field: a short name that none has."""
    if command != "record_cause":
        return {}
    taken = [text.strip() for row in rows(typed, "causes") for text in typed.get(f"causes.{row}.key", ())]
    return {"causes": {"key": _free("c", taken)}}


def _free(letter: str, taken: Sequence[str]) -> str:
    number = len(taken) + 1
    while f"{letter}{number}" in taken:
        number += 1
    return f"{letter}{number}"


def short(key: str, text: str) -> str:
    """A key, and how its text begins."""
    return f"{key}: {begun(' '.join(text.split()), MOST)}"
