"""Findings: the canonical shape (CONTRACT, Findings), how it is read, and what issuing needs of it."""

from workflows.findings.completion import COMPLETABLE, Completable, Completion, completed, in_words, reworded
from workflows.findings.model import (
    SYSTEM,
    Attachment,
    Audit,
    Due,
    Finding,
    History,
    Missing,
    Requirement,
    Source,
    missing_for_issue,
)
from workflows.findings.parts import Part, Share, joined, said_in
from workflows.findings.reading import Flag, Problem, Unfit, read
from workflows.findings.revisions import differing, said
from workflows.findings.values import LONG, MANY, REQUIREMENTS, TITLE, Level, Moment, level, moment, proposed_grade

__all__ = [
    "COMPLETABLE",
    "LONG",
    "MANY",
    "REQUIREMENTS",
    "SYSTEM",
    "TITLE",
    "Attachment",
    "Audit",
    "Completable",
    "Completion",
    "Due",
    "Finding",
    "Flag",
    "History",
    "Level",
    "Missing",
    "Moment",
    "Part",
    "Problem",
    "Requirement",
    "Share",
    "Source",
    "Unfit",
    "completed",
    "differing",
    "in_words",
    "joined",
    "level",
    "missing_for_issue",
    "moment",
    "proposed_grade",
    "read",
    "reworded",
    "said",
    "said_in",
]
