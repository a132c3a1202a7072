"""Refusals about what is said: remarks, questions, complaints, assignment."""

from workflows.decider import Refusal


class NotIssued(Refusal):
    """A finding in triage is not shown to the client (DESIGN section 3)."""

    kind = "unknown"
    code = "not_issued"
    says = "There is no such nonconformity."


class OwnQuestion(Refusal):
    """A question goes to the other side."""

    code = "own_question"
    says = "A question to the {side} comes from the other side."


class QuestionUnknown(Refusal):
    """An answer needs an open question."""

    code = "question_unknown"
    says = "There is no open question {question}."


class NotAsked(Refusal):
    """A question is answered by the side that it was put to."""

    kind = "forbidden"
    code = "not_asked"
    says = "{question} is for the {side} to answer."


class ComplaintUnknown(Refusal):
    """An answer needs an open complaint."""

    code = "complaint_unknown"
    says = "There is no open complaint {complaint}."


class ComplainedAbout(Refusal):
    """Nobody answers a complaint about themselves (17021-1 9.8)."""

    kind = "forbidden"
    code = "complained_about"
    says = "The complaint is about you: somebody else answers it."
