"""What stands beside the source of a case: what was completed in triage, and what the source says otherwise."""

from workflows.findings import COMPLETABLE, Completable, in_words
from workflows.nonconformity.case import Case
from workflows.nonconformity.parts import Completed
from workflows.people import Frozen


class Stated(Frozen):
    """A field that the finding says otherwise than its source: who completed it, if anybody, and the source's words."""

    field: Completable
    completed: Completed | None
    theirs: str


def stated(case: Case) -> tuple[Stated, ...]:
    """The fields that were completed, and those that the source of a case states otherwise now."""
    finding, source = case.finding, case.as_stated
    if finding is None or source is None:
        return ()
    own = {one.field: one for one in case.completed}
    return tuple(
        Stated(field=name, completed=own.get(name), theirs=in_words(source, name))
        for name in COMPLETABLE
        if name in own or getattr(finding, name) != getattr(source, name)
    )
