"""What a certificate is without the decisions of a committee review that was set aside (17021-1 9.7)."""

from workflows.certificate.certificate import Certificate, Reduction, Status


def decided_by(state: Certificate, review: str) -> bool:
    """Whether anything that a review decided still has effect."""
    causes = state.suspension.causes if state.suspension else ()
    traces = [*(cause.review for cause in causes), *(one.cause.review for one in state.reductions)]
    return review in traces or (state.ending is not None and state.ending.review == review)


def status_without(state: Certificate, review: str) -> Status:
    """The state without a review's decisions: what something else holds, stays as it is."""
    causes = state.suspension.causes if state.suspension else ()
    others = [cause for cause in causes if cause.review != review]
    before: Status = "suspended" if others else "active"
    if state.status == "suspended":
        return before
    if state.ending is None:
        return state.status
    if state.ending.review == review:
        return "applied" if state.status == "refused" else before
    # Withdrawn because a suspension lasted too long that nothing else had caused.
    overrun = state.ending.by == "suspension" and causes and not others
    return "active" if overrun else state.status


def parts_without(state: Certificate, review: str) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """Standards, sites and scope with what a review had taken out, as far as nothing else has changed them since."""
    undone = [one for one in state.reductions if one.cause.review == review]
    standards = [standard for one in undone for standard in one.standards]
    sites = [site for one in undone for site in one.sites]
    return (*state.standards, *standards), (*state.sites, *sites), _scope(state, undone)


def _scope(state: Certificate, undone: list[Reduction]) -> str:
    changed = [one for one in state.reductions if one.scope is not None]
    before = next((one.scope for one in undone if one.scope is not None), None)
    return before if before is not None and changed[-1] in undone else state.scope
