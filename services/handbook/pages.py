"""The two pages: prose from `text/`, filled with figures, and the tables of every kind of thing."""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from services.handbook.decisions import effects
from services.handbook.fields import fields
from services.handbook.figures import figures
from services.handbook.policies import catalogue
from services.handbook.reactions import CAUSED
from services.handbook.tables import Part, chapter, refusals
from services.handbook.words import reflowed, table
from workflows.nonconformity.case import LIVE
from workflows.nonconformity.table import (
    committee,
    dispute,
    evidence,
    extent,
    lineage,
    plan,
    source,
    talk,
    time,
    triage,
    verification,
)
from workflows.nonconformity.table.terms import ANY, BEFORE_VERIFIED, CLOSED, ENDED
from workflows.policy import Policy
from workflows.policy_book import PACKAGED, read
from workflows.procedure import COMMON, SIGNING, AnotherClient, Procedure
from workflows.registry import DECIDERS, PROCEDURES

TITLES: Mapping[str, str] = {
    "nonconformity": "Nonconformity",
    "committee_review": "Committee review",
    "audit": "Audit",
    "certificate": "Certificate",
    "client": "Client",
}

PARTS: Mapping[str, Sequence[Part]] = {
    "nonconformity": (
        Part("finding, issue, grade, receipt", triage.ROWS),
        Part("what its source says later", source.ROWS),
        Part("correction, cause and plan", (*plan.ROWS, *extent.ROWS)),
        Part("evidence, verification, close-out", evidence.ROWS),
        Part("follow-up and deferral", verification.ROWS),
        Part("time and policy", time.ROWS),
        Part("withdrawal, disputes and appeals", dispute.ROWS),
        Part("the committee", committee.ROWS),
        Part("lineage", lineage.ROWS),
        Part("correspondence and complaints", talk.ROWS),
    )
}

GROUPS: Mapping[str, Mapping[str, frozenset[str]]] = {
    "nonconformity": {
        "living": LIVE,
        "before verified": BEFORE_VERIFIED,
        "issued": LIVE | CLOSED | ENDED,
        "any": ANY,
    }
}


def procedure_page() -> str:
    """docs/procedure.md."""
    policy = next(policy for policy in _packaged() if policy.name == "default")
    filled = figures(policy)

    def text(name: str) -> str:
        return _text(name).format(**filled)

    prose = ["introduction", "life", "committee"]
    return reflowed(
        "\n".join(
            [
                *(text(name) for name in prose),
                effects(policy) + "\n",
                *(text(name) for name in ("disputes", "audits", "clocks", "tables")),
                *(chapter_of(kind, PROCEDURES[kind]) for kind in TITLES),
                _between(),
                _of_any(),
            ]
        )
    )


def policies_page() -> str:
    """docs/policies.md."""
    others = catalogue(sorted(_packaged(), key=lambda policy: policy.name != "default"))
    return reflowed(_text("policies").format(fields=fields(), catalogue=others))


def _packaged() -> Sequence[Policy]:
    return [read(path) for path in sorted(PACKAGED.glob("*.toml"))]


def _text(name: str) -> str:
    return files("services.handbook").joinpath("text", f"{name}.md").read_text("utf-8")


def chapter_of(kind: str, procedure: Procedure[Any]) -> str:
    """The tables of one kind of thing, by its rows in `procedure`."""
    parts = PARTS.get(kind, (Part("", procedure.rows),))
    return chapter(TITLES[kind], DECIDERS[kind], procedure, parts, GROUPS.get(kind, {}))


def _between() -> str:
    rows = [(f"`{one.event}`", f"`{one.command}`", TITLES[one.on].lower(), one.when) for one in CAUSED]
    return f"""\
## What an event causes elsewhere

Each is a command to another stream, sent until it is answered, under an id made of the event, so that it takes effect
once. What the other refuses (a case that is no longer deferred, a certificate on which a decision has no effect) is so
left as it is.

{table(("Event", "Causes", "On", "When"), rows)}
"""


def _of_any() -> str:
    return f"## Refusals of any command\n\n{refusals((*COMMON, AnotherClient, *SIGNING))}\n"
