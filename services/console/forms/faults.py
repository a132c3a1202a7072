"""What a page says above a form that was not taken; what is wrong with a field is said at the field."""

from services.console.frame.catalogue import gettext
from services.problems import Problem


def above(problem: Problem) -> str:
    """Why a form was not taken: of fields that break their shape, that they say so themselves."""
    if problem.code == "shape" and problem.errors and all(one.pointer for one in problem.errors):
        return gettext("Something cannot be recorded as it is written: it is said at each field.")
    return problem.detail
