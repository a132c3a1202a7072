"""The form that completes a finding in triage. Pure.

It begins with the finding as it stands; what is sent as it was shown is not said again.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from services.console.forms.fields import Advice
from services.console.forms.typed import Typed
from services.console.frame.catalogue import gettext
from services.console.frame.rendering import clean
from workflows.findings import COMPLETABLE, missing_for_issue
from workflows.nonconformity.case import Case
from workflows.nonconformity.commands import Complete

COMMAND = Complete.command

LONG = frozenset({"statement", "objective_evidence"})
"""The fields in which lines count."""


def begun(case: Case) -> dict[str, Any]:
    """What the form begins with: the finding as it stands."""
    finding = case.finding
    if finding is None:
        return {}
    return {
        **{name: getattr(finding, name) or "" for name in COMPLETABLE},
        "requirements": [one.line for one in finding.requirements],
    }


def advice(case: Case) -> Mapping[str, Advice]:
    """What the form says of its fields: which are lacking, and when a reason is."""
    lacking = missing_for_issue(case.finding) if case.finding else ()
    needed = {one.pointer.strip("/"): Advice(needed=gettext("needed to issue it")) for one in lacking}
    return {**needed, "reason": Advice(needed=gettext("needed to word otherwise what its source states"))}


def meant(case: Case, told: Mapping[str, Any], typed: Typed) -> dict[str, Any]:
    """The body of what was typed: what is otherwise than it was shown; what was completed and is emptied is given back.

    A line that names a requirement as it was shown is that requirement, however it reads.
    """
    shown, finding, source = begun(case), case.finding, case.as_stated
    same = {name for name in shown.keys() & told.keys() if _plain(name, told[name]) == _plain(name, shown[name])}
    said = {name: one for name, one in told.items() if name not in same}
    if "requirements" in said and finding is not None and source is not None:
        known = {clean(one.line): one.model_dump(mode="json") for one in (*source.requirements, *finding.requirements)}
        said["requirements"] = [known.get(line, line) for line in said["requirements"]]
    texts = (one.field for one in case.completed if isinstance(shown.get(one.field), str))
    return {**{name: "" for name in texts if name in typed and name not in told}, **said}


def _plain(name: str, value: str | Sequence[str]) -> Sequence[str]:
    """A value as a browser sends it back; a list in whatever order."""
    if not isinstance(value, str):
        return sorted("".join(clean(one).splitlines()).strip() for one in value)
    return [("\n" if name in LONG else "").join(clean(value).splitlines()).strip()]
